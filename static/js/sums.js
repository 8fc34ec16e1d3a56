// What the rows of an offer's form add up to, beside its total, while they are typed. The server adds them up again.
// [data-sum-of] names the fields by the end of their names; [data-sum] is the sentence, with {sum} in it.
// [data-total] is the sentence for what the offer costs in all, and [data-milestones] the one where it is paid by them.

// As the server reads amounts: 1 280,50 and 1,280.50 and 1280; NaN for anything else.
const ways = [/^(\d+)(?:[.,](\d+))?$/, /^([1-9]\d{0,2}(?:\.\d{3})+)(?:,(\d+))?$/, /^([1-9]\d{0,2}(?:,\d{3})+)(?:\.(\d+))?$/];

function read(text, digits) {
  let typed = text.trim();
  if (/^[1-9]\d{0,2}(\s\d{3})+([.,]\d+)?$/.test(typed)) typed = typed.replaceAll(/\s/g, "");
  for (const way of ways) {
    const [, whole, fraction = ""] = way.exec(typed) ?? [];
    if (whole && fraction.length <= digits) return Number(`${whole.replaceAll(/[.,]/g, "")}.${fraction || 0}`);
  }
  return Number.NaN;
}

const typed = (form, end) => [...form.elements].filter(({ name, value }) => name?.endsWith(end) && value.trim());

// The sentence with what the fields add up to; empty while there is nothing, or something is no amount.
function told(form, sentence, fields) {
  const currency = form.elements.currency?.value ?? "EUR";
  const style = { style: "currency", currency, currencyDisplay: "narrowSymbol", trailingZeroDisplay: "stripIfInteger" };
  const money = new Intl.NumberFormat(document.documentElement.lang, style);
  const digits = money.resolvedOptions().maximumFractionDigits;
  const sum = fields.reduce((total, field) => total + read(field.value, digits), 0);
  return fields.length > 0 && Number.isFinite(sum) ? sentence.replace("{sum}", money.format(sum)) : "";
}

// As the server has it: the total that was typed, else the priced lines, else the milestones.
function tellTotal(form, line) {
  const counted = ["total", "-price", "-amount"].map((end) => typed(form, end)).find((fields) => fields.length) ?? [];
  const { total, milestones } = line.dataset;
  line.textContent = told(form, form.elements.billing.value === "milestones" ? milestones : total, counted);
}

for (const form of document.querySelectorAll("form.terms")) {
  const update = () => {
    for (const line of form.querySelectorAll("[data-sum-of]")) {
      line.textContent = told(form, line.dataset.sum, typed(form, line.dataset.sumOf));
    }
    for (const line of form.querySelectorAll("[data-total]")) tellTotal(form, line);
  };
  form.addEventListener("input", update);
  form.addEventListener("change", update);
  update();
}
