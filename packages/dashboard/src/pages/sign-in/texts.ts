// What is said to who is not signed in yet.
export const SIGN_IN_TEXTS = {
  title: ['Sign in', 'Iniciar sesión'],
  lead: ['Orderly keeps a record of every visit.', 'Orderly deja constancia de cada visita.'],
  name: ['User name', 'Usuario'],
  password: ['Password', 'Contraseña'],
  code: ['One-time code', 'Código de un solo uso'],
  codeText: [
    'Six digits of your authenticator app.',
    'Seis cifras de su aplicación de autenticación.',
  ],
  haveCode: ['I have a one-time code', 'Tengo un código de un solo uso'],
  signIn: ['Sign in', 'Entrar'],
  setupTitle: ['Set Orderly up', 'Preparar Orderly'],
  setupLead: [
    'Make the first administrator. This works once, with the link the server printed.',
    'Cree el primer administrador. Funciona una vez, con el enlace que imprimió el servidor.',
  ],
  inviteLead: [
    'Choose a password. The link you were given works once.',
    'Elija una contraseña. El enlace que le dieron funciona una vez.',
  ],
  needsSetup: [
    'Nobody has an account yet. Open the setup link that the server printed in its terminal.',
    'Nadie tiene cuenta aún. Abra el enlace de preparación que el servidor imprimió en su terminal.',
  ],
  noToken: [
    'The link is not whole: its end is missing. Open it as it was printed or sent.',
    'El enlace no está entero: falta el final. Ábralo como se imprimió o se envió.',
  ],
  displayName: ['Your name', 'Su nombre'],
  passwordText: [
    '15 characters or more; a sentence is fine.',
    '15 caracteres o más; sirve una frase.',
  ],
  again: ['Password, once more', 'Contraseña, otra vez'],
  short: [
    'Still too short: {n|one more character|{n} more characters}.',
    'Aún es corta: {n|falta un carácter|faltan {n} caracteres}.',
  ],
  differs: ['The two differ.', 'No coinciden.'],
  make: ['Make the account', 'Crear la cuenta'],
} as const
