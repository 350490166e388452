// What the checks of a price file say in Spanish, by their English sentence: the titles of the rules, why a version is held,
// and what is doubtful about a hospital.

export const FINDINGS_SPANISH: Readonly<Record<string, string>> = {
  'The file is in none of the CMS layouts.': 'El fichero no sigue ningún diseño de CMS.',
  'The columns are those of the tall and of the wide layout together, or of neither.':
    'Las columnas son las del diseño largo y el ancho a la vez, o de ninguno.',
  'There is no row, or no item, below the headers.':
    'Bajo los encabezados no hay filas ni artículos.',
  'The JSON ends early or is malformed.': 'El JSON acaba antes de tiempo o está mal formado.',
  'Row 1 or row 3, which hold the headers, is empty.':
    'La fila 1 o la 3, las de los encabezados, está vacía.',
  'A header of row 1, or a root attribute, is missing.':
    'Falta un encabezado de la fila 1 o un atributo de la raíz.',
  'A header of row 1 is there twice.': 'Un encabezado de la fila 1 está dos veces.',
  'The state of the license number is none.': 'El estado del número de licencia no existe.',
  'A value under a header of row 1, or of a root attribute, is missing.':
    'Falta un valor bajo un encabezado de la fila 1 o de un atributo de la raíz.',
  'last_updated_on is no date that exists, as YYYY-MM-DD or, in CSV, M/D/YYYY.':
    'last_updated_on no es una fecha que exista, como AAAA-MM-DD o, en CSV, M/D/AAAA.',
  'The attestation (v2: affirmation) is neither true nor false, or its text is not the one required.':
    'La declaración (attestation; v2: affirmation) no es ni true ni false, o su texto no es el exigido.',
  'The attestation (v2: affirmation) is false.':
    'La declaración (attestation; v2: affirmation) es false.',
  'The version the file gives is not the one it is checked by.':
    'La versión que da el fichero no es aquella con la que se revisa.',
  'The layout is older than the one enforced since 2026-04-01.':
    'El diseño es anterior al exigido desde el 2026-04-01.',
  'A data header that the layout requires is missing.':
    'Falta un encabezado de datos que el diseño exige.',
  'A data header is there twice.': 'Un encabezado de datos está dos veces.',
  'A data header still has the placeholder of the template.':
    'Un encabezado de datos conserva el texto de relleno de la plantilla.',
  'A payer column names no plan.': 'Una columna de aseguradora no nombra ningún plan.',
  'estimated_amount is no part of version 3.': 'estimated_amount no es parte de la versión 3.',
  'The description is missing.': 'Falta la descripción.',
  'The setting is none of inpatient, outpatient, both.':
    'El entorno no es inpatient, outpatient ni both.',
  'There is neither a code nor, since 2.2.0, a modifier.':
    'No hay código ni, desde la 2.2.0, modificador.',
  'A code type has no code.': 'Un tipo de código no tiene código.',
  'A code has no type, or one that the layout does not know.':
    'Un código no tiene tipo, o uno que el diseño no conoce.',
  'An amount is no positive number in plain digits.':
    'Un importe no es un número positivo en cifras sin más.',
  'The methodology is none of those allowed.': 'El método no es ninguno de los permitidos.',
  'The count is none of 0, "1 through 10", or a whole number from 11.':
    'El recuento no es 0, «1 through 10» ni un entero desde 11.',
  'A negotiated charge has no payer, plan or methodology.':
    'Un cargo negociado no tiene aseguradora, plan o método.',
  'Payer and plan have no negotiated charge.': 'Aseguradora y plan no tienen cargo negociado.',
  'Methodology "other" has no explanation in the notes.':
    'El método «other» no se explica en las notas.',
  'The item has no charge of any kind.': 'El artículo no tiene cargo de ninguna clase.',
  'A negotiated dollar amount has no minimum or maximum beside it.':
    'Un importe negociado en dólares no tiene al lado mínimo o máximo.',
  'A charge in percent or by algorithm alone has no estimated amount.':
    'Un cargo solo en porcentaje o por algoritmo no tiene importe estimado.',
  'A charge in percent or by algorithm has no count of allowed amounts.':
    'Un cargo en porcentaje o por algoritmo no tiene recuento de importes permitidos.',
  'A charge in percent or by algorithm has no median amount, though its count is not 0.':
    'Un cargo en porcentaje o por algoritmo no tiene importe mediano, aunque su recuento no es 0.',
  'A charge in percent or by algorithm has no 10th percentile, though its count is not 0.':
    'Un cargo en porcentaje o por algoritmo no tiene percentil 10, aunque su recuento no es 0.',
  'A charge in percent or by algorithm has no 90th percentile, though its count is not 0.':
    'Un cargo en porcentaje o por algoritmo no tiene percentil 90, aunque su recuento no es 0.',
  'A count of 0 has no explanation in the notes.': 'Un recuento de 0 no se explica en las notas.',
  'Unit and type of a drug come together, the unit a positive number, the type one of those allowed.':
    'Unidad y tipo de un fármaco van juntos: la unidad, un número positivo; el tipo, uno de los permitidos.',
  'An NDC code has no drug unit or type.': 'Un código NDC no tiene unidad o tipo de fármaco.',
  'A modifier without an item says neither a charge nor a note.':
    'Un modificador sin artículo no da ni cargo ni nota.',
  'Nine nines stand for an amount that is not known.':
    'Nueve nueves están por un importe que no se conoce.',
  'An attribute of a JSON item is missing or of another kind than the schema says.':
    'Un atributo de un artículo JSON falta o es de otra clase que la del esquema.',
  'Many items have no code of a national code system.':
    'Muchos artículos no tienen código de un sistema nacional.',
  'Many items have no description.': 'Muchos artículos no tienen descripción.',
  'Many rows could not be read and were set aside.':
    'Muchas filas no se pudieron leer y se apartaron.',
  'A code has not the form of its code system.': 'Un código no tiene la forma de su sistema.',
  'The cash price is above the gross charge.': 'El precio al contado supera el cargo bruto.',
  'A negotiated price lies outside the minimum and maximum of its item.':
    'Un precio negociado queda fuera del mínimo y el máximo de su artículo.',
  'A negotiated price is more than three times the gross charge.':
    'Un precio negociado es más del triple del cargo bruto.',
  'An amount looks like a placeholder: $0.01, $1.00 or all nines.':
    'Un importe parece de relleno: 0,01 $, 1,00 $ o todo nueves.',
  'A percentage is above 100, or looks like a fraction.':
    'Un porcentaje pasa de 100, o parece una fracción.',
  'A price lies far from the others of its code (robust z above 3.5 on a log scale, 8 prices or more).':
    'Un precio está lejos de los demás de su código (z robusta de más de 3,5 en escala logarítmica, con 8 precios o más).',
  'One natural key has several amounts.': 'Una clave natural tiene varios importes.',
  'A price is more than ten times, or less than a tenth of, what it was in the version before.':
    'Un precio es más de diez veces, o menos de la décima parte, lo que era en la versión anterior.',
  'The version has over 30 % fewer prices than the one before.':
    'La versión tiene más de un 30 % menos de precios que la anterior.',
  'It could not be checked ({0}): redrive its data-validation, or decide without.':
    'No se pudo revisar ({0}): relance su data-validation, o decida sin ella.',
  '{0} of {1} changed prices are over ten times more or less than before.':
    '{0} de {1} precios cambiados son más de diez veces mayores o menores que antes.',
  'There are over 30 % fewer prices than before.': 'Hay más de un 30 % menos de precios que antes.',
  'The NPI fails its check digit.': 'El NPI no cumple su dígito de control.',
  'The CCN is not six characters that begin with two digits.':
    'El CCN no tiene seis caracteres que empiecen por dos cifras.',
  'There is no such ZIP code.': 'No existe ese código postal.',
  'The ZIP code is in another state than the address.':
    'El código postal está en otro estado que la dirección.',
  'The ZIP code belongs to another place than the city.':
    'El código postal es de otro lugar que la ciudad.',
  'The CCN was given in another state than the address.':
    'El CCN se dio en otro estado que el de la dirección.',
  'The coordinates lie far from the ZIP code; those of the ZIP code are used.':
    'Las coordenadas están lejos del código postal; se usan las de este.',
}
