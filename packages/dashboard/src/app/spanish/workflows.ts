// What the server finds wrong with a workflow, in Spanish, by its English sentence.
// `{0}` stands for what the server put there. test/dashboard/languages.test.ts keeps both sides together.

export const WORKFLOW_SENTENCES: Readonly<Record<string, string>> = {
  'the input of workflow "{0}" does not fit its schema at {1}':
    'la entrada del flujo «{0}» no encaja en su esquema en {1}',
  'nothing can be checked by the schema of its input: {0}':
    'con el esquema de su entrada no se puede comprobar nada: {0}',
  'the run starts at "{0}", which is no node': 'la ejecución empieza en «{0}», que no es un nodo',
  'the edge from "{0}" to "{1}" leads to "{2}", which is no node':
    'la arista de «{0}» a «{1}» lleva a «{2}», que no es un nodo',
  '{0} goes round in a circle; use for-each for work that repeats':
    '{0} da vueltas en círculo; use for-each para lo que se repite',
  '"{0}" undoes "{1}", which is no job of this workflow':
    '«{0}» deshace «{1}», que no es un trabajo de este flujo',
  '"{0}" compensates: it runs when the run fails, and has no edges':
    '«{0}» compensa: corre cuando la ejecución falla, y no tiene aristas',
  'nothing leads from "{0}" to "{1}"': 'nada lleva de «{0}» a «{1}»',
  '"{0}" leads nowhere; give it edges': '«{0}» no lleva a ningún sitio; dele aristas',
  'each edge of branch "{0}" has a condition, or is marked otherwise':
    'cada arista de la bifurcación «{0}» tiene una condición, o la marca «otherwise»',
  'branch "{0}" has one edge marked otherwise at most':
    'la bifurcación «{0}» tiene una sola arista con la marca «otherwise»',
  '"otherwise" is for edges of a branch, and "{0}" is none':
    '«otherwise» es para aristas de una bifurcación, y «{0}» no lo es',
  'join "{0}" brings two edges or more together': 'la unión «{0}» junta dos aristas o más',
  'the condition of the edge to "{0}"': 'la condición de la arista a «{0}»',
  '{0} is {1}, not true or false': '{0} es {1}, ni verdadero ni falso',
  '"{0}" runs job "{1}", which is not known here':
    '«{0}» corre el trabajo «{1}», que aquí no se conoce',
  '"{0}" runs workflow "{1}", which is not known here':
    '«{0}» corre el flujo «{1}», que aquí no se conoce',
  '"{0}" asks nothing; write the question that is to be decided':
    '«{0}» no pregunta nada; escriba la pregunta que hay que decidir',
  '"{0}" asks "{1}", and no role of this name may decide; name {2}, or a person, as in "user:ann"':
    '«{0}» pregunta a «{1}», y ningún rol con ese nombre puede decidir; nombre {2}, o a una persona, como en «user:ann»',
  'its items are {0}, not a list': 'sus elementos son {0}, no una lista',
  'each of its items': 'cada uno de sus elementos',
  '{0} looks at {1}, which cannot be there': '{0} mira {1}, que no puede estar ahí',
  '{0} looks at "{1}", which is no node': '{0} mira «{1}», que no es un nodo',
  '{0} looks at "{1}", which does not come before "{2}"':
    '{0} mira «{1}», que no va antes de «{2}»',
  'input "{0}" is {1}, and job "{2}" takes {3}':
    'la entrada «{0}» es {1}, y el trabajo «{2}» toma {3}',
  '{0} is {1}, and job "{2}" takes {3}': '{0} es {1}, y el trabajo «{2}» toma {3}',
  'job "{0}" needs "{1}", which {2} does not have':
    'el trabajo «{0}» necesita «{1}», que {2} no tiene',
  'job "{0}" needs "{1}", which its input does not give':
    'el trabajo «{0}» necesita «{1}», que su entrada no le da',
  'job "{0}" takes no "{1}"': 'el trabajo «{0}» no toma «{1}»',
  'a letter, then letters, digits and "_", 64 at most':
    'una letra; después letras, cifras y «_», 64 como mucho',
  'a number and a unit, such as "90s" or "7d"': 'un número y una unidad, como «90s» o «7d»',
  '{0} notes at most': '{0} notas como mucho',
  '{0} nodes at most': '{0} nodos como mucho',
  'a step is named: write steps.name.output': 'un paso se nombra: escriba steps.nombre.output',
  'it cannot be read': 'no se entiende',
  'a workflow is written as export default defineWorkflow({ … })':
    'un flujo se escribe como export default defineWorkflow({ … })',
  'a ")" is missing: only values can be read here': 'falta un «)»: aquí solo se leen valores',
  'the document ends before this': 'el documento acaba antes de esto',
  'values are {0} deep at most': 'los valores tienen {0} niveles como mucho',
  'a value is missing: the text ends here': 'falta un valor: el texto acaba aquí',
  '{0} begins no value': '{0} no inicia ningún valor',
  '"{0}" is no value of JSON': '«{0}» no es un valor de JSON',
  '"{0}" is not written out: only values can be read here, not names or calls':
    '«{0}» no está escrito del todo: aquí solo se leen valores, no nombres ni llamadas',
  'a "," or "}" is missing': 'falta una «,» o una «}»',
  'a "," or "]" is missing': 'falta una «,» o un «]»',
  'a ":" is missing': 'faltan los «:»',
  'a "]" is missing': 'falta un «]»',
  '"{0}" is there twice': '«{0}» está dos veces',
  'a "," before the end': 'hay una «,» antes del final',
  'only a text may stand in [ ] as a key': 'entre [ ] solo puede ir un texto como clave',
  'a key is missing: a text in quotes': 'falta una clave: un texto entre comillas',
  'the text in quotes is not closed': 'el texto entre comillas no está cerrado',
  'an escape that is none': 'un escape que no existe',
  'a control character is written with \\u': 'un carácter de control se escribe con \\u',
  '${ } is worked out when code runs: only values can be read here':
    '${ } se calcula al ejecutar código: aquí solo se leen valores',
  'this line is not indented as those around it':
    'esta línea no tiene la sangría de las que la rodean',
  'lines are indented by spaces, not by tabs':
    'la sangría de las líneas va con espacios, no con tabuladores',
  'this key is there twice': 'esta clave está dos veces',
  'a sign is missing here: a quote, a bracket, a comma or a ":"':
    'aquí falta un signo: una comilla, un corchete, una coma o los «:»',
  'a text that begins with this sign stands in quotes':
    'un texto que empieza con este signo va entre comillas',
  'two keys stand on one line: put a text that holds ":" in quotes':
    'hay dos claves en una línea: ponga entre comillas el texto que lleva «:»',
  'a key stands on one line, with a ":" behind it': 'una clave va en una línea, con «:» detrás',
  'only one document can be read': 'solo se puede leer un documento',
  'this alias cannot be read': 'este alias no se entiende',
  'this cannot stand here': 'esto no puede ir aquí',
  'it cannot be worked out with what is assumed': 'no se puede calcular con lo que se supone',
  '"{0}": {1} cannot be worked out with what is assumed':
    '«{0}»: {1} no se puede calcular con lo que se supone',
  'in "{0}": {1}': 'en «{0}»: {1}',
  'its items': 'sus elementos',
  'its time': 'su hora',
  'its input': 'su entrada',
  'the condition of an edge': 'la condición de una arista',
}
