// What the rows of an offer's form add up to, beside its total, while they are typed. The server adds them up again.
// [data-sum-of] names the fields by the end of their names; [data-sum] is the sentence, with {sum} in it.

// As the server reads amounts: 1 280,50 and 1,280.50 and 1280; NaN for anything else.
function read(text, digits) {
  const typed = text.replaceAll(/\s/g, "");
  const shape = digits ? `^([\\d.,]*?\\d)(?:[.,](\\d{1,${digits}}))?$` : "^([\\d.,]*\\d)$";
  const [, whole = "", fraction = ""] = new RegExp(shape).exec(typed) ?? [];
  if (!/^(\d+|\d{1,3}([.,]\d{3})+)$/.test(whole)) return Number.NaN;
  return Number(`${whole.replaceAll(/[.,]/g, "")}.${fraction || 0}`);
}

function tell(form, line) {
  const currency = form.elements.currency?.value ?? "EUR";
  const style = { style: "currency", currency, trailingZeroDisplay: "stripIfInteger" };
  const money = new Intl.NumberFormat(document.documentElement.lang, style);
  const digits = money.resolvedOptions().maximumFractionDigits;
  const fields = [...form.elements].filter(({ name, value }) => name?.endsWith(line.dataset.sumOf) && value.trim());
  const sum = fields.reduce((total, field) => total + read(field.value, digits), 0);
  const known = fields.length > 0 && Number.isFinite(sum);
  line.textContent = known ? line.dataset.sum.replace("{sum}", money.format(sum)) : "";
}

for (const form of document.querySelectorAll("form.terms")) {
  const lines = [...form.querySelectorAll("[data-sum-of]")];
  const update = () => lines.forEach((line) => tell(form, line));
  form.addEventListener("input", update);
  form.addEventListener("change", update);
  update();
}
