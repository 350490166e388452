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
}
