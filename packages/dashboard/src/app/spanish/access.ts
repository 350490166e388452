// What the server says of who may do what, and of requests that do not fit, in Spanish, by its English sentence.
// `{0}` stands for what the server put there. test/dashboard/languages.test.ts keeps both sides together.

export const ACCESS_SENTENCES: Readonly<Record<string, string>> = {
  'a network is an address and a length, such as 10.0.0.0/8 or 2001:db8::/32':
    'una red es una dirección y una longitud, como 10.0.0.0/8 o 2001:db8::/32',
  'a key has a name of 1 to 120 characters': 'una clave tiene un nombre de 1 a 120 caracteres',
  'a key has roles among {0}': 'una clave tiene funciones de entre {0}',
  'a key expires within a year': 'una clave caduca en un año como mucho',
  'a scope is a queue, or the beginning of one and *':
    'un ámbito es una cola, o el comienzo de una y *',
  'a scope goes no further than that of whoever gives it':
    'un ámbito no va más allá que el de quien lo da',
  'a key is of the tenant of whoever makes it': 'una clave es del inquilino de quien la crea',
  'there is no such key in force': 'no hay ninguna clave así en vigor',
  'there is no such key': 'no existe esa clave',
  'this key is not for the network it comes from': 'esta clave no vale en la red de la que viene',
  '{0} requests of yours wait for somebody; let them be decided first':
    '{0} peticiones suyas esperan a alguien; que se decidan primero',
  'nobody consents to a request of their own; ask somebody else':
    'nadie consiente en su propia petición; pídaselo a otra persona',
  'it is decided already, or too old to be': 'ya está decidida, o es demasiado antigua',
  'somebody else was faster; read it again': 'alguien se adelantó; vuelva a leerla',
  'there is no such request': 'no existe esa petición',
  'this consent is not for this, was used, or is over; ask for a new one':
    'este consentimiento no es para esto, se usó o terminó; pida uno nuevo',
  'too many failed tries; wait {0} seconds': 'demasiados intentos fallidos; espere {0} segundos',
  'this needs the permission "{0}"{1}; ask an administrator for a role that has it: {2}':
    'esto necesita el permiso «{0}»{1}; pida a un administrador una función que lo tenga: {2}',
  ' on this queue': ' en esta cola',
  'this needs the permission "{0}"': 'esto necesita el permiso «{0}»',
  'a schedule of a workflow needs the permission "workflows:run" too':
    'un horario de un flujo necesita también el permiso «workflows:run»',
  'to look for PHI needs the permission "phi:search"':
    'buscar PHI necesita el permiso «phi:search»',
  'an emergency access sees {0} values at most while the audit log is away':
    'un acceso de emergencia ve {0} valores como mucho mientras no hay registro de auditoría',
  'your emergency access is open already': 'su acceso de emergencia ya está abierto',
  'you have no such emergency access open': 'no tiene abierto ese acceso de emergencia',
  'there is no such emergency access': 'no existe ese acceso de emergencia',
  'nobody reviews an emergency access of their own': 'nadie revisa su propio acceso de emergencia',
  'it is still open, or reviewed already': 'aún está abierto, o ya se revisó',
  'only a person who is signed in may do this': 'solo puede hacerlo una persona con sesión',
  'show your password or code again; your last sign-in is more than five minutes ago':
    'muestre otra vez su contraseña o código; entró hace más de cinco minutos',
  'your account has no group that may do anything here; ask whoever runs this installation':
    'su cuenta no tiene ningún grupo con permisos aquí; pregunte a quien lleva esta instalación',
  'this installation asks for a second factor; sign in with one at the identity provider':
    'esta instalación pide un segundo factor; úselo al entrar en el proveedor de identidad',
  'this account cannot be used here, or is not the one that was asked for':
    'esta cuenta no se puede usar aquí, o no es la que se pidió',
  'the identity provider does not answer, or not as its issuer; try again, and check ORDERLY_OIDC_ISSUER':
    'el proveedor de identidad no responde, o no como su emisor; reintente y revise ORDERLY_OIDC_ISSUER',
  'the identity provider did not vouch for this sign-in; begin again':
    'el proveedor de identidad no respondió por este acceso; empiece de nuevo',
  'this sign-in was not begun in this browser, or too long ago; begin again':
    'este acceso no empezó en este navegador, o hace demasiado; empiece de nuevo',
  'only users have an account of their own': 'solo los usuarios tienen cuenta propia',
  'the password does not fit': 'la contraseña no es esa',
  'begin with a new secret first': 'empiece primero con un secreto nuevo',
  'the code does not fit; check the clock of the device':
    'el código no es ese; revise el reloj del dispositivo',
  'too many sign-ins at once; try again later': 'demasiados accesos a la vez; pruebe más tarde',
  'a password {0}': 'una contraseña {0}',
  'has at least {0} characters; a few words make a good one':
    'tiene al menos {0} caracteres; unas cuantas palabras hacen una buena',
  'has at most {0} characters': 'tiene como mucho {0} caracteres',
  'has at least six different characters': 'tiene al menos seis caracteres distintos',
  'does not begin with a word that is guessed first':
    'no empieza con una palabra de las primeras que se prueban',
  'does not contain the name it belongs to': 'no contiene el nombre de su dueño',
  'nobody sees more than {0} values in an hour and {1} in a day; ask for the consent of somebody else (POST /api/v1/reveal-approvals)':
    'nadie ve más de {0} valores en una hora ni {1} en un día; pida el consentimiento de otra persona',
  'here nobody sees PHI alone: ask for the consent of somebody else (POST /api/v1/reveal-approvals)':
    'aquí nadie ve PHI a solas: pida el consentimiento de otra persona',
  'there is no such open session': 'no hay ninguna sesión abierta así',
  'this session has ended; sign in': 'esta sesión ha terminado; inicie sesión',
  'this link was used, replaced or is too old; whoever runs this installation can make a new one: with "orderly users setup" while there is nobody, then on the page of users':
    'este enlace se usó, se sustituyó o es demasiado antiguo; quien lleva esta instalación puede hacer otro: con «orderly users setup» mientras no haya nadie, después en la página de usuarios',
  'name, password or code do not fit': 'el nombre, la contraseña o el código no son correctos',
  'neither the audit log nor the spool for emergencies can be written, so this is refused; see that the database or the disk of this machine can be written':
    'no se puede escribir ni el registro de auditoría ni el de emergencias, así que se rechaza; procure que se pueda escribir en la base de datos o en el disco de esta máquina',
  'a login has 1 to 120 lower-case letters, digits and . _ @ + -':
    'un nombre de usuario tiene de 1 a 120 minúsculas, cifras y . _ @ + -',
  'a name has 1 to 120 characters': 'un nombre tiene de 1 a 120 caracteres',
  'there is a user of this login already': 'ya hay un usuario con ese nombre',
  'one of the roles is none; "orderly users roles" lists them':
    'una de las funciones no existe; «orderly users roles» las muestra',
  'who says who may do what does not also see PHI or hold keys: give the roles to two users':
    'quien dice quién puede qué no ve además PHI ni guarda claves: dé las funciones a dos usuarios',
  'a tenant has letters, digits and . _ -': 'un inquilino tiene letras, cifras y . _ -',
  'nobody changes rights of their own; ask another administrator':
    'nadie cambia sus propios permisos; pídaselo a otro administrador',
  'somebody else changed this user; read it again': 'alguien cambió este usuario; vuelva a leerlo',
  'this is the last administrator; make another one first':
    'es el último administrador; nombre primero a otro',
  'change your own password where you are signed in':
    'cambie su propia contraseña donde tiene la sesión',
  'there is no such user': 'no existe ese usuario',
  'an Idempotency-Key has 1 to {0} characters': 'un Idempotency-Key tiene de 1 a {0} caracteres',
  'this Idempotency-Key was used for another request; use a new key for a new request':
    'ese Idempotency-Key se usó en otra petición; use otro para una petición nueva',
  'the first request of this Idempotency-Key is still worked on; ask again in a moment':
    'la primera petición de ese Idempotency-Key sigue en curso; pregunte dentro de un momento',
  'this caller asks too often; wait for as long as Retry-After says':
    'pregunta demasiado a menudo; espere lo que dice Retry-After',
  'sign in, or send an API key': 'inicie sesión o envíe una clave de API',
  'sign in first': 'primero inicie sesión',
  'there is no such thing within your reach': 'no hay tal cosa a su alcance',
  'a change needs the token of the session in the header {0}; read it from GET /api/v1/session':
    'un cambio necesita el testigo de la sesión en la cabecera {0}; léalo de GET /api/v1/session',
  'a key in an address ends in logs: send it as "Authorization: Bearer …", and revoke this one':
    'una clave en una dirección acaba en registros: envíela como «Authorization: Bearer …», y revoque esta',
  'another site sent this request': 'otro sitio envió esta petición',
  'this cursor belongs to another list or to other filters; begin without one':
    'este cursor es de otra lista o de otros filtros; empiece sin él',
  'this has been changed since you read it; read it again and send its new ETag':
    'ha cambiado desde que lo leyó; vuelva a leerlo y envíe su nuevo ETag',
  'nothing is at this address, or not by this method; /openapi.json lists what there is':
    'en esta dirección no hay nada, o no con este método; /openapi.json enumera lo que hay',
  'send the body as JSON, with the header "content-type: application/json"':
    'envíe el cuerpo como JSON, con la cabecera «content-type: application/json»',
  'the body is no JSON': 'el cuerpo no es JSON',
  'the body nests deeper than {0} levels': 'el cuerpo tiene más de {0} niveles',
  'the body has a field of a name that no field may have':
    'el cuerpo tiene un campo con un nombre que ninguno puede tener',
  'the request does not fit this operation; "errors" names the places':
    'la petición no encaja en esta operación; estos son los lugares',
  'the input does not fit the schema of "{0}"; "errors" names the places':
    'la entrada no encaja en el esquema de «{0}»; estos son los lugares',
  'does not fit': 'no encaja',
  'must be of type {0}': 'debe ser de tipo {0}',
  'must be one of: {0}': 'debe ser uno de: {0}',
  'must be {0} {1}': 'debe ser {0} {1}',
  'at most': 'como mucho',
  'at least': 'como mínimo',
  'must be less than {0}': 'debe ser menor que {0}',
  'must be more than {0}': 'debe ser mayor que {0}',
  'must not be empty': 'no debe estar vacío',
  'must have {0} characters {1}': 'debe tener {0} caracteres {1}',
  'must have {0} entries {1}': 'debe tener {0} elementos {1}',
  'must be a time such as 2027-01-31T08:00:00Z': 'debe ser una hora como 2027-01-31T08:00:00Z',
  'must be a number and a unit, such as 500ms, 30s, 5m, 2h, 7d':
    'debe ser un número y una unidad, como 500ms, 30s, 5m, 2h, 7d',
  'has another form than it must': 'no tiene la forma que debe',
  'has a field that this operation does not know; it knows {0}':
    'tiene un campo que esta operación no conoce; conoce {0}',
  'has a field that this operation does not know': 'tiene un campo que esta operación no conoce',
  'must have the form {0}': 'debe tener la forma {0}',
  'the application around this signs people in': 'la aplicación de alrededor da acceso a la gente',
  'no identity provider is set here; sign in by name and password':
    'aquí no hay proveedor de identidad; entre con nombre y contraseña',
  'there is no such entry in the audit log': 'no existe esa entrada en el registro de auditoría',
  'a view is kept in the clear and cannot hold a value of PHI; leave that condition out':
    'una vista se guarda en claro y no puede contener PHI; quite esa condición',
  'there is no view of yours of this id': 'no tiene ninguna vista con ese id',
  'a person keeps {0} views at most': 'una persona guarda {0} vistas como mucho',
  'this concerns every queue; it needs somebody who reaches all of them':
    'esto afecta a todas las colas; hace falta alguien que las alcance todas',
  'a period holds evidence of every queue; this needs somebody who reaches all of them':
    'un periodo reúne pruebas de todas las colas; hace falta alguien que las alcance todas',
  'a period begins before it ends and is over; sign what has happened':
    'un periodo empieza antes de acabar y ya pasó; firme lo que ha ocurrido',
  'there is no evidence in this period; there is nothing to answer for':
    'no hay pruebas en este periodo; no hay nada de que responder',
  'there is no such sign-off': 'no existe esa firma',
  'the period has more than {0} runs; sign shorter ones':
    'el periodo tiene más de {0} ejecuciones; firme periodos más cortos',
  'a purpose is one of {0}': 'una finalidad es una de {0}',
  'say why in {0} to 500 characters': 'diga por qué, con entre {0} y 500 caracteres',
  'a ticket has letters, digits and . _ / # -': 'un tique tiene letras, cifras y . _ / # -',
  'name 1 to {0} fields by JSON pointer, such as /patient/name':
    'nombre de 1 a {0} campos con un puntero JSON, como /patient/name',
  'the job has no such content, or not any more': 'el trabajo no tiene ese contenido, o ya no',
  'no pack here has such a record': 'aquí ningún paquete tiene ese registro',
  'no pack here has such a page': 'aquí ningún paquete tiene esa página',
  'no pack here has such a document': 'aquí ningún paquete tiene ese documento',
  'no pack here has such an action': 'aquí ningún paquete tiene esa acción',
  'there is nothing here to do that to; it may have changed meanwhile':
    'aquí no hay nada a lo que hacerle eso; puede haber cambiado entretanto',
  'this page needs "{0}" in the query; it is reached by links of other pages':
    'esta página necesita «{0}» en la dirección; se llega por enlaces de otras páginas',
}
