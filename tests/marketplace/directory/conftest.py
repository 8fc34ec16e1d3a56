"""Three specialists who are found by different words and filters."""

from __future__ import annotations

import pytest

from tests.factories.profiles import make_profile


@pytest.fixture
def three(database):
    """alice: cafés, Instagram and Telegram, en/ru, €600, 20 h; dina: Vietnamese, TikTok; mallory: Russian, VK."""
    with database.write() as db:
        make_profile(db, "alice")
        make_profile(
            db,
            "dina",
            about="Tôi viết nội dung, quay video ngắn và chạy quảng cáo cho quán cà phê và khách sạn nhỏ ở miền Trung.",
            headline="Quảng cáo và nội dung cho quán cà phê",
            city="Đà Nẵng",
            platforms=[{"code": "TT", "level": "expert"}, {"code": "IG", "level": "basic"}],
            languages=[{"code": "vi", "level": "native"}],
            responsibilities=["D4", "D5", "G1"],
            niches=["food", "travel"],
            currency="VND",
            rate_min=9_000_000,
            rate_max=12_000_000,
            weekly_hours=8,
            skills=["capcut"],
        )
        make_profile(
            db,
            "mallory",
            about="Веду рекламные кабинеты клиник и школ, считаю стоимость заявки и каждую неделю показываю отчёт.",
            headline="Таргетированная реклама для клиник и школ",
            city="Казань",
            platforms=[{"code": "VK", "level": "expert"}],
            languages=[{"code": "ru", "level": "native"}],
            responsibilities=["G1", "G2", "C1"],
            niches=["health"],
            currency="RUB",
            rate_min=9_000_000,
            rate_max=15_000_000,
            weekly_hours=4,
            skills=["vk_ads"],
        )
