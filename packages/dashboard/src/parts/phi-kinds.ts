// What masked values are, in words: the kinds of the Safe Harbor rule, and those that packs name.
export const PHI_KIND_TEXTS = {
  name: ['name', 'nombre'],
  geo: ['place', 'lugar'],
  zip: ['postal code', 'código postal'],
  date: ['date', 'fecha'],
  phone: ['phone number', 'teléfono'],
  email: ['mail address', 'correo electrónico'],
  ssn: ['social security number', 'número de la seguridad social'],
  mrn: ['medical record number', 'número de historia clínica'],
  plan: ['health plan number', 'número de póliza'],
  account: ['account number', 'número de cuenta'],
  licence: ['licence number', 'número de licencia'],
  vehicle: ['vehicle', 'vehículo'],
  device: ['device', 'dispositivo'],
  url: ['web address', 'dirección web'],
  ip: ['network address', 'dirección de red'],
  biometric: ['biometric value', 'dato biométrico'],
  photo: ['photograph', 'fotografía'],
  id: ['identifier', 'identificador'],
  text: ['text', 'texto'],
  medicine: ['medicine', 'medicamento'],
  prescription: ['prescription', 'receta'],
  document: ['document', 'documento'],
} as const

/** @returns the word for it; a kind that is not known is its own word */
export function kindWord(kind: string, say: (key: keyof typeof PHI_KIND_TEXTS) => string): string {
  return isKnown(kind) ? say(kind) : kind
}

function isKnown(kind: string): kind is keyof typeof PHI_KIND_TEXTS {
  return Object.hasOwn(PHI_KIND_TEXTS, kind)
}
