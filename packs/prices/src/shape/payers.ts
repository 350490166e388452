// Owns the recognition of payers in column headers, where no CMS layout names them.

const PAYER =
  /\b(aetna|anthem|blue ?cross|blue ?shield|bcbs\w*|bluecare|cigna|humana|kaiser|united ?health(care)?|uhc|umr|tricare|medicare|medicaid|medi-cal|ahcccs|molina|centene|ambetter|wellcare|wellpoint|premera|regence|first ?choice|multiplan|coventry|optum|oscar|health ?net|healthnet|priority health|select ?health|providence health|caresource|amerigroup|amerihealth|highmark|upmc|geisinger|harvard pilgrim|tufts|fallon|beacon|magellan|workers'? comp(ensation)?|hmo|ppo|epo|commercial|managed care|payer|payor|health plan|insurance)\b/i

export function namesPayer(header: string): boolean {
  return PAYER.test(header)
}
