// What the server says of jobs, queues, schedules, runs and alerts, in Spanish, by its English sentence.
// `{0}` stands for what the server put there. test/dashboard/languages.test.ts keeps both sides together.

export const WORK_SENTENCES: Readonly<Record<string, string>> = {
  'there is no job of this id': 'no hay ningún trabajo con ese id',
  'there is no such job': 'no existe ese trabajo',
  'the record knows no job of this id': 'no consta ningún trabajo con ese id',
  'no job of this name or type is registered here':
    'aquí no hay ningún trabajo con ese nombre o tipo',
  'no job of this name or type is registered here{0}':
    'aquí no hay ningún trabajo con ese nombre o tipo{0}',
  '; did you mean "{0}"?': '; ¿quiso decir «{0}»?',
  'no job of this name or type is registered here; add it, or its pack, to createOrderly':
    'aquí no hay ningún trabajo con ese nombre o tipo; añádalo, o su paquete, a createOrderly',
  'job "{0}" is not registered here; add it, or its pack, to createOrderly':
    'el trabajo «{0}» no está registrado aquí; añádalo, o su paquete, a createOrderly',
  'job "{0}" is not registered here; replay it where it is':
    'el trabajo «{0}» no está registrado aquí; repítalo donde lo esté',
  'job "{0}" is not registered here': 'el trabajo «{0}» no está registrado aquí',
  'no job of this name is registered here': 'aquí no hay ningún trabajo con ese nombre',
  'no queue of this name is registered here': 'aquí no hay ninguna cola con ese nombre',
  'there is no queue of this name': 'no hay ninguna cola con ese nombre',
  'only a delayed job can be let run now': 'solo un trabajo aplazado puede adelantarse',
  'only a finished job can be deleted; cancel one that waits or runs':
    'solo se borra un trabajo terminado; cancele el que espera o corre',
  'this job has not finished; wait for its end, or cancel it, and replay it then':
    'este trabajo no ha terminado; espere a que acabe, o cancélelo, y repítalo entonces',
  'steps that were done for one input are not taken over by a job with another; leave one of the two out':
    'los pasos hechos con una entrada no pasan a un trabajo con otra; quite una de las dos cosas',
  'job {0} has the unique key of this one now; wait for its end, or replay this one':
    'el trabajo {0} tiene ahora la clave única de este; espere a que acabe, o repita este',
  'the input of this job is gone, its time was over; replay it with an input of your own':
    'la entrada de este trabajo ya no está, venció su plazo; repítalo con una entrada propia',
  'job {0} of kind "{1}" has the same unique key; wait for it, or enqueue with another key':
    'el trabajo {0}, del tipo «{1}», tiene la misma clave única; espérelo, o use otra clave',
  'this idempotency key was used for another input of "{0}", which is job {1}; use a new key for a new request':
    'esa clave de idempotencia se usó con otra entrada de «{0}», el trabajo {1}; use otra clave',
  'this job has recorded no step of this name; choose one of its steps, or run all of it again':
    'este trabajo no registró ningún paso con ese nombre; elija uno de los suyos, o repítalo entero',
  'queue "{0}" holds as many waiting jobs as it may ({1}); try again when some are done':
    'la cola «{0}» tiene todos los trabajos en espera que puede ({1}); reintente cuando acaben algunos',
  'this process uses more than {0} % of its memory; try again later or raise --max-old-space-size':
    'este proceso usa más del {0} % de su memoria; reintente más tarde o suba --max-old-space-size',
  'less than {0} MiB are free where the jobs are stored; free some space':
    'quedan menos de {0} MiB donde se guardan los trabajos; libere espacio',
  'give "at" or "delay", not both': 'dé «at» o «delay», no ambos',
  '"at" is no valid date': '«at» no es una fecha válida',
  'a limit is a whole number from 1 to {0}; to let nothing run, pause it':
    'un límite es un entero de 1 a {0}; para que no corra nada, ponga pausa',
  '"{0}" declares no {1}; give its definition one, high if need be, to change it while the program runs':
    '«{0}» no declara {1}; dé uno a su definición, alto si hace falta, para cambiarlo en marcha',
  "say why {0}: { reason: '…' } of 1 to {1} characters":
    'diga el motivo, con entre 1 y {1} caracteres',
  '"limit" is a whole number from 1 up': '«limit» es un entero desde 1',
  'there is no plan of this id': 'no hay ningún plan con ese id',
  'it is not in a state for that; read it again': 'su estado no lo permite; vuelva a leerlo',
  'the token or the number is not that of this plan; plan anew and look at it':
    'el testigo o el número no es el de este plan; planifique de nuevo y mírelo',
  'this plan has begun already, or its time is over; plan anew':
    'este plan ya empezó, o pasó su tiempo; planifique de nuevo',
  'no stream of yours of this id is open here': 'no tiene abierto ningún canal con ese id',
  'a search has {0} characters at most': 'una búsqueda tiene {0} caracteres como mucho',
  'a search has {0} conditions at most': 'una búsqueda tiene {0} condiciones como mucho',
  'a condition has {0} values at most': 'una condición tiene {0} valores como mucho',
  'a value is missing': 'falta un valor',
  'a space or a comma belongs here': 'aquí va un espacio o una coma',
  'this quote is not closed': 'estas comillas no se cierran',
  'an order is written sort:created, sort:-created, sort:duration or so':
    'un orden se escribe sort:created, sort:-created, sort:duration o similar',
  'the search cannot be read at character {0}: {1}':
    'la búsqueda no se entiende en el carácter {0}: {1}',
  'the search cannot be used: {0}': 'la búsqueda no sirve: {0}',
  'jobs are put in the order of "created" or "duration"':
    'los trabajos se ordenan por «created» o «duration»',
  'a state is one of {0}': 'un estado es uno de {0}',
  'the values of one condition are all whole, or all end in "*"':
    'los valores de una condición son todos enteros, o acaban todos en «*»',
  '"created" is one time, such as -24h or >2026-01-31':
    '«created» es un momento, como -24h o >2026-01-31',
  '"created" is a whole time': '«created» es un momento entero',
  'a time is written -24h, 2026-01-31 or 2026-01-31T14:05Z':
    'un momento se escribe -24h, 2026-01-31 o 2026-01-31T14:05Z',
  'a span is written 500ms, 30s, 5m, 2h or 7d': 'una duración se escribe 500ms, 30s, 5m, 2h o 7d',
  '"{0}" is one number, such as {1}': '«{0}» es un número, como {1}',
  '"{0}" is a number': '«{0}» es un número',
  'a comparison is turned round rather than denied': 'una comparación se invierte, no se niega',
  'a condition names a field, such as state, queue, type, tag or created, or a path, such as input.orderId{0}':
    'una condición nombra un campo, como state, queue, type, tag o created, o una ruta, como input.orderId{0}',
  '; did you mean "{0}:"?': '; ¿quería decir «{0}:»?',
  'this condition takes whole values; ">" and "*" mean nothing in it':
    'esta condición toma valores enteros; «>» y «*» no significan nada en ella',
  'a search for PHI does not belong in an address, which is logged on its way':
    'una búsqueda de PHI no va en una dirección, que queda anotada por el camino',
  'there is no schedule of this id': 'no hay ningún horario con ese id',
  'what a run takes is an object': 'lo que toma una ejecución es un objeto',
  'a schedule of a workflow has no jitter: let the workflow begin with a node of type "delay"':
    'un horario de un flujo no tiene dispersión: que el flujo empiece con un nodo «delay»',
  'the id of a schedule begins with a letter, then letters, digits, ".", "_" and "-", 120 at most':
    'el id de un horario empieza con una letra; después letras, cifras, «.», «_» y «-», 120 como mucho',
  'a backfill goes from a time to a later one that is past':
    'un relleno va de un momento a otro posterior que ya pasó',
  'the range has more than {0} slots; fill it in by parts':
    'el intervalo tiene más de {0} turnos; rellénelo por partes',
  'this schedule cannot be used: {0}': 'este horario no sirve: {0}',
  'this schedule would never fire: its last time is past, or none lies between its start and its end':
    'este horario no se lanzaría nunca: su última hora ya pasó, o ninguna queda entre su comienzo y su fin',
  'this is no cron expression: {0}; an example is "*/15 8-18 * * MON-FRI"':
    'no es una expresión cron: {0}; un ejemplo es «*/15 8-18 * * MON-FRI»',
  'it is longer than 200 characters': 'tiene más de 200 caracteres',
  'it has five fields (minute hour day month weekday), or six with seconds first':
    'tiene cinco campos (minuto hora día mes día de la semana), o seis con los segundos delante',
  'no month has such a day, so it would never fire':
    'ningún mes tiene ese día, así que no se lanzaría nunca',
  'the {0} "{1}" cannot be read': 'no se entiende «{1}» ({0})',
  'the step of the {0} is 1 or more': 'el paso ({0}) es 1 o más',
  'the {0} {1} ends before it begins; write it as two ranges':
    '{1} ({0}) acaba antes de empezar; escríbalo como dos intervalos',
  'the {0} "{1}" is not from {2} to {3}': '«{1}» ({0}) no está entre {2} y {3}',
  'a month has up to five of a weekday: write #1 to #5':
    'un mes tiene hasta cinco veces un día de la semana: escriba de #1 a #5',
  second: 'segundo',
  minute: 'minuto',
  hour: 'hora',
  'day of the month': 'día del mes',
  month: 'mes',
  'day of the week': 'día de la semana',
  'it says when by "cron", "every", "times" or "at"':
    'dice cuándo con «cron», «every», «times» o «at»',
  'a blackout ends after it begins': 'un periodo sin lanzamientos acaba después de empezar',
  'it ends after it starts': 'acaba después de empezar',
  'it fires once a second at most': 'se lanza una vez por segundo como mucho',
  'it has 1 to {0} cron expressions': 'tiene de 1 a {0} expresiones cron',
  'it has 1 to {0} times of the day': 'tiene de 1 a {0} horas del día',
  'give days of the month or days of the week, not both':
    'dé días del mes o días de la semana, no ambos',
  'a time of the day is written HH:MM': 'una hora del día se escribe HH:MM',
  '"{0}" is no valid date': '«{0}» no es una fecha válida',
  'the zone is no IANA name that this machine knows; an example is Europe/Berlin':
    'la zona no es un nombre IANA que esta máquina conozca; un ejemplo es Europe/Berlin',
  'there is no run of this id': 'no hay ninguna ejecución con ese id',
  'the run is {0}: {1}': 'la ejecución está en «{0}»: {1}',
  'it is over': 'ya terminó',
  'only a run that runs can be paused': 'solo se pausa una ejecución en curso',
  'only a run that is paused can be resumed': 'solo se reanuda una ejecución en pausa',
  'only a run that failed can be retried': 'solo se reintenta una ejecución fallida',
  'no such node of this run has failed': 'ningún nodo así de esta ejecución ha fallado',
  'this run has undone what it did; fork it from the step where it is to go on':
    'esta ejecución deshizo lo que hizo; bifúrquela desde el paso en que debe seguir',
  'nothing of it can be skipped any more': 'ya no se puede omitir nada de ella',
  'there is no node of this name in this run':
    'no hay ningún nodo con este nombre en esta ejecución',
  'there is no node of this name to go on from':
    'no hay ningún nodo con este nombre desde el que seguir',
  'node "{0}" has ended already': 'el nodo «{0}» ya terminó',
  '"{0}" asks others than this person; see who is asked with the run’s document':
    '«{0}» pregunta a otras personas; vea a quién en el documento de la ejecución',
  'no node of this run waits for that; it may have been given already':
    'ningún nodo de esta ejecución espera eso; quizá ya se le dio',
  'no workflow of this id{0} is known here; add it to createOrderly, or deploy it':
    'aquí no hay ningún flujo con este id{0}; añádalo a createOrderly, o despliéguelo',
  ' and version': ' y esta versión',
  'a workflow is an object with an id: a letter, then letters, digits, ".", "_" and "-", 100 at most':
    'un flujo es un objeto con un id: una letra; después letras, cifras, «.», «_» y «-», 100 como mucho',
  'a workflow document is 8 MiB at most': 'el documento de un flujo tiene 8 MiB como mucho',
  'this workflow has no draft': 'este flujo no tiene borrador',
  'workflow "{0}" cannot run: {1}': 'el flujo «{0}» no puede correr: {1}',
  'somebody else has changed the draft meanwhile; read it again and put your change on top':
    'alguien cambió el borrador entretanto; vuelva a leerlo y ponga su cambio encima',
  'the draft is no workflow document yet; mend what its check finds':
    'el borrador aún no es un documento de flujo; corrija lo que encuentra su revisión',
  'the workflow cannot run: {0}': 'el flujo no puede correr: {0}',
  'mend this first: {0}: {1}': 'corrija esto primero: {0}: {1}',
  'the document has no node of this name': 'el documento no tiene ningún nodo con ese nombre',
  'a simulation goes from a time to a later one':
    'una simulación va de un momento a otro posterior',
  'there is no template of this id': 'no hay ninguna plantilla con este id',
  'there is no source of events of this name': 'no hay ninguna fuente de eventos con ese nombre',
  'there is no webhook of this id': 'no hay ningún webhook con ese id',
  'there is no alert of this id': 'no hay ninguna alerta con ese id',
  'there is no {0}': 'no existe: {0}',
  'alert of this id': 'alerta con ese id',
  'silence of this id': 'silencio con ese id',
  'route of this name': 'ruta con ese nombre',
  'route that somebody made': 'ruta que alguien creara',
  'rule that somebody made': 'regla que alguien creara',
  'it was refused: {0}': 'se rechazó: {0}',
  'the alert rule was refused: {0}': 'la regla de alerta se rechazó: {0}',
  'a rule is tried on the last 31d at most': 'una regla se prueba con los últimos 31d como mucho',
  'name must be a word such as on-call': 'el nombre es una palabra como on-call',
  'name must be a word such as slow-mail': 'el nombre es una palabra como slow-mail',
  'to must name somebody': 'falta a quién se avisa',
  'rule "{0}" tells by this route; change the rule first':
    'la regla «{0}» avisa por esta ruta; cambie antes la regla',
  'a silence needs a reason': 'un silencio necesita un motivo',
  'there is no mail server; set ORDERLY_SMTP_URL':
    'no hay servidor de correo; configure ORDERLY_SMTP_URL',
  'metric is none that is measured': 'esa medida no se toma',
  'give a limit in above or in below': 'dé un límite por encima o por debajo',
  'the limit must be a number': 'el límite debe ser un número',
  'search belongs to the metric jobs.found, and to no other':
    'la búsqueda es de la medida jobs.found, y de ninguna otra',
  'subjects must be names, or names that end in *':
    'los asuntos son nombres, o nombres que acaban en *',
  'routes must be names of routes': 'las rutas son nombres de rutas',
  'description is too long': 'la descripción es demasiado larga',
  '{0} is longer than it may be': '{0} es más largo de lo que puede ser',
  'Critical: {0}, {1}': 'Crítica: {0}, {1}',
  'Warning: {0}, {1}': 'Aviso: {0}, {1}',
  'Resolved: {0}, {1}': 'Resuelta: {0}, {1}',
  'Test: {0}, {1}': 'Prueba: {0}, {1}',
  'It lasted {0} min; the worst value was {1}.': 'Duró {0} min; el peor valor fue {1}.',
  'The value is {0}, since {1}.': 'El valor es {0}, desde {1}.',
  'Somebody asks for consent to see fields of a job':
    'Alguien pide consentimiento para ver campos de un trabajo',
}
