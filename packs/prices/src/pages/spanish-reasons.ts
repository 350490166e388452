// Why a price file, a row or a value was not taken, in Spanish, by the English sentence; `{0}` stands for what is put in.

export const REASONS_SPANISH: Readonly<Record<string, string>> = {
  'same content as when it was last loaded': 'el mismo contenido que cuando se cargó la última vez',
  'same content as {0}': 'el mismo contenido que {0}',
  'its server says it has not changed': 'su servidor dice que no ha cambiado',
  "What read this file was lost in the middle of it {0} times in a row, which may be the file's doing; look at the machine's log, then deliver it again.":
    'Lo que leía este fichero se perdió a la mitad {0} veces seguidas, quizá por el fichero mismo; mire el registro de la máquina y entréguelo otra vez.',
  'Somebody cancelled its job; deliver the file again.':
    'Alguien canceló su tarea; entregue el fichero otra vez.',
  'Its job ran out of time in {0} attempts; look why, then deliver the file again.':
    'A su tarea se le acabó el tiempo en {0} intentos; mire por qué y entregue el fichero otra vez.',
  'The file could not be read in {0} attempts ({1}); check that it can be opened and is whole.':
    'El fichero no se pudo leer en {0} intentos ({1}); compruebe que se puede abrir y está entero.',
  'The file could not be downloaded in {0} attempts ({1}); check the URL and deliver it again.':
    'El fichero no se pudo descargar en {0} intentos ({1}); compruebe la URL y entréguelo otra vez.',
  'The file could not be downloaded ({0}); the next scan tries again.':
    'El fichero no se pudo descargar ({0}); la próxima búsqueda lo intenta otra vez.',
  'The prices could not be written in {0} attempts ({1}); mend the database and redrive the job, or scan with forceRefresh.':
    'Los precios no se pudieron escribir en {0} intentos ({1}); arregle la base de datos y relance la tarea, o busque con forceRefresh.',
  'The file nests its values thousands of levels deep, which no price list does; check what it is.':
    'El fichero anida sus valores a miles de niveles, lo que ninguna lista de precios hace; mire qué es.',
  'The file has the headers of a price table but no rows; it may be an empty template.':
    'El fichero tiene los encabezados de una tabla de precios pero ninguna fila; quizá sea una plantilla vacía.',
  'No row of the file could be understood; its quarantined rows say why.':
    'No se entendió ninguna fila del fichero; las filas apartadas dicen por qué.',
  'The rows of the file can be read, but not one of them holds a price.':
    'Las filas del fichero se pueden leer, pero ninguna tiene un precio.',
  'There is no file at this path; it may have been moved since it was listed.':
    'No hay fichero en esta ruta; quizá se movió después de listarlo.',
  'This file may not be read by the user that runs Orderly; change its permissions and deliver it again.':
    'El usuario de Orderly no puede leer este fichero; cambie sus permisos y entréguelo otra vez.',
  'The server did not send the file it was asked for.':
    'El servidor no envió el fichero que se le pidió.',
  'The stored file is no longer in the object store; scan with forceRefresh to fetch it again.':
    'El fichero guardado ya no está en el almacén; busque con forceRefresh para traerlo otra vez.',
  'No such file is known here; scan again.': 'Aquí no se conoce ese fichero; busque otra vez.',
  'The archive has more than {0} entries; get the price list alone.':
    'El archivo comprimido tiene más de {0} entradas; consiga solo la lista de precios.',
  'The archive is protected by a password; ask the hospital for an open file.':
    'El archivo comprimido tiene contraseña; pida al hospital un fichero abierto.',
  'The archive uses a compression other than deflate; ask for a plain zip file.':
    'El archivo usa otra compresión que deflate; pida un zip corriente.',
  'The archive inflates to far more than a price list would; it was not unpacked.':
    'El archivo se expande a mucho más que una lista de precios; no se descomprimió.',
  'The archive holds another archive; unpack it and hand in the price list itself.':
    'El archivo contiene otro archivo; descomprímalo y entregue la lista de precios.',
  'The archive holds no files; download it again.':
    'El archivo no contiene ficheros; descárguelo otra vez.',
  'No file in the archive holds a price table.':
    'Ningún fichero del archivo tiene una tabla de precios.',
  'The entry is empty.': 'La entrada está vacía.',
  'The zip file is damaged or cut short; download it again.':
    'El zip está dañado o cortado; descárguelo otra vez.',
  'The gzip file is broken; download it again.': 'El gzip está roto; descárguelo otra vez.',
  'The file unpacks to far more than a price list does; get it unpacked.':
    'El fichero se expande a mucho más que una lista de precios; consígalo sin comprimir.',
  'A line is longer than {0} bytes; ask the hospital for a file with one record a line.':
    'Una línea pasa de {0} bytes; pida al hospital un fichero con un registro por línea.',
  'A record has more than {0} cells; rows may have been run into one line.':
    'Un registro tiene más de {0} celdas; quizá se juntaron filas en una línea.',
  'Record {0} has a cell of more than {1} bytes.':
    'El registro {0} tiene una celda de más de {1} bytes.',
  'No sheet has a column of prices beside a description or a code; check that the file is the price list.':
    'Ninguna hoja tiene una columna de precios junto a una descripción o un código; compruebe que el fichero es la lista de precios.',
  'The text has no column of prices beside a description or a code; check that the file is the price list.':
    'El texto no tiene una columna de precios junto a una descripción o un código; compruebe que el fichero es la lista de precios.',
  'The sheet has no price table.': 'La hoja no tiene tabla de precios.',
  'The file holds no price table.': 'El fichero no tiene tabla de precios.',
  'The JSON breaks off near byte {0}; download the file again.':
    'El JSON se interrumpe cerca del byte {0}; descargue el fichero otra vez.',
  'The JSON has one value of more than {0} bytes near byte {1}.':
    'El JSON tiene un valor de más de {0} bytes cerca del byte {1}.',
  'The JSON is malformed near byte {0}; ask the hospital for a valid file.':
    'El JSON está mal formado cerca del byte {0}; pida al hospital un fichero válido.',
  'The JSON has no "{0}"; check that the file is the price list in the CMS layout.':
    'El JSON no tiene «{0}»; compruebe que el fichero es la lista de precios con el diseño de CMS.',
  'The file is empty; download it again.': 'El fichero está vacío; descárguelo otra vez.',
  'The file has no bytes; download it again.': 'El fichero no tiene bytes; descárguelo otra vez.',
  'The file holds nothing but blanks; download it again.':
    'El fichero solo tiene espacios; descárguelo otra vez.',
  'The file is larger than {0} bytes; raise the limit if that is right.':
    'El fichero pasa de {0} bytes; suba el límite si así debe ser.',
  'The file cannot be opened; check that it is there.':
    'El fichero no se puede abrir; compruebe que está ahí.',
  'The place to go on from does not belong to this file.':
    'El lugar desde el que seguir no es de este fichero.',
  'The file is {0}, not a price table; get the machine-readable file.':
    'El fichero es {0}, no una tabla de precios; consiga el fichero legible por máquina.',
  'a PDF document': 'un documento PDF',
  'gzip-compressed': 'un gzip',
  'a RAR archive': 'un archivo RAR',
  'a 7-Zip archive': 'un archivo 7-Zip',
  'a picture': 'una imagen',
  'a Parquet file': 'un fichero Parquet',
  'a rich-text document': 'un documento RTF',
  'The file is neither text nor a workbook, or its text is full of NUL bytes; download it again.':
    'El fichero no es texto ni libro de cálculo, o su texto está lleno de bytes NUL; descárguelo otra vez.',
  'The file is a web page, perhaps an error or a consent page; download it again from its direct address.':
    'El fichero es una página web, quizá de error o de consentimiento; descárguelo otra vez de su dirección directa.',
  'The row opens a quote that is never closed.': 'La fila abre unas comillas que nunca se cierran.',
  'The row holds NUL bytes.': 'La fila tiene bytes NUL.',
  'The workbook is larger than {0} bytes; save its sheets as CSV.':
    'El libro pasa de {0} bytes; guarde sus hojas como CSV.',
  'The workbook unpacks to more than {0} bytes; save its sheets as CSV.':
    'El libro se expande a más de {0} bytes; guarde sus hojas como CSV.',
  'The workbook has more than {0} bytes of different texts; save its sheets as CSV.':
    'El libro tiene más de {0} bytes de textos distintos; guarde sus hojas como CSV.',
  'The workbook repeats a few long texts far more often than a price list would; get its sheets as CSV.':
    'El libro repite unos pocos textos largos mucho más que una lista de precios; consiga sus hojas como CSV.',
  'The workbook has one value of more than {0} bytes; get a table with shorter cells.':
    'El libro tiene un valor de más de {0} bytes; consiga una tabla de celdas más cortas.',
  'The file is an Office document without a workbook in it; get the price list itself.':
    'El fichero es un documento de Office sin libro de cálculo; consiga la lista de precios.',
  'A sheet has more than {0} columns; get a smaller table.':
    'Una hoja tiene más de {0} columnas; consiga una tabla menor.',
  'The workbook is protected by a password; ask the hospital for an open file.':
    'El libro tiene contraseña; pida al hospital un fichero abierto.',
  'The workbook is damaged or cut short; download it again.':
    'El libro está dañado o cortado; descárguelo otra vez.',
  'The workbook is damaged or cut short ({0}); download it again.':
    'El libro está dañado o cortado ({0}); descárguelo otra vez.',
  'The XML is malformed near line {0}; download it again.':
    'El XML está mal formado cerca de la línea {0}; descárguelo otra vez.',
  'The XML has one value of more than {0} bytes; get a table with shorter cells.':
    'El XML tiene un valor de más de {0} bytes; consiga una tabla de celdas más cortas.',
  'The XML is nested deeper than {0} elements.': 'El XML anida más de {0} elementos.',
  'A table of the XML has more than {0} columns.': 'Una tabla del XML tiene más de {0} columnas.',
  'The XML has no elements; download it again.': 'El XML no tiene elementos; descárguelo otra vez.',
  'The item is not a JSON object that can be read.':
    'El artículo no es un objeto JSON que se pueda leer.',
  'Column "{0}" holds a negative amount.': 'La columna «{0}» tiene un importe negativo.',
  'Column "{0}" holds no amount that can be read.':
    'La columna «{0}» no tiene un importe que se pueda leer.',
  'Column "{0}" holds a percentage or a rule, no amount.':
    'La columna «{0}» tiene un porcentaje o una regla, no un importe.',
  'Column "{0}" holds words, no amount.': 'La columna «{0}» tiene palabras, no un importe.',
  'The row has {0} cells under a header of {1} columns.':
    'La fila tiene {0} celdas bajo un encabezado de {1} columnas.',
  'The row has neither a description nor a code.': 'La fila no tiene ni descripción ni código.',
  'The site asks programs not to fetch this address (robots.txt); ask the hospital for the file, or put it into the inbox.':
    'El sitio pide a los programas que no lean esta dirección (robots.txt); pida el fichero al hospital, o póngalo en la bandeja.',
  'The address leads from one to the next more than {0} times; use the one it ends at.':
    'La dirección lleva de una a otra más de {0} veces; use aquella en la que acaba.',
  'A protected address leads to an unprotected one, where anybody could change the file; use an https address.':
    'Una dirección protegida lleva a otra sin proteger, donde cualquiera podría cambiar el fichero; use una https.',
  'This is no web address that can be asked: it begins with http:// or https:// and holds no password.':
    'No es una dirección web que se pueda pedir: empieza por http:// o https:// y no lleva contraseña.',
  'The URL leads to a private address, which is not asked; allow private addresses if the server is your own.':
    'La URL lleva a una dirección privada, que no se pide; permita las privadas si el servidor es suyo.',
  'The server has no file at this address any more (it answered {0}); the next scan may find where it is now.':
    'El servidor ya no tiene fichero en esta dirección (contestó {0}); la próxima búsqueda quizá halle dónde está.',
  'The server does not give this file to programs (it answered {0}); ask the hospital, or put the file into the inbox.':
    'El servidor no da este fichero a programas (contestó {0}); pídalo al hospital, o póngalo en la bandeja.',
  'the server answered {0}': 'el servidor contestó {0}',
  'the server did not answer, or not to the end ({0})':
    'el servidor no contestó, o no hasta el final ({0})',
  'the server sends the file more slowly than can be waited for':
    'el servidor envía el fichero más despacio de lo que se puede esperar',
  'the file takes longer than a try may; the next one goes on there':
    'el fichero tarda más de lo que puede un intento; el próximo sigue ahí',
  'the connection ended after {0} of {1} bytes': 'la conexión acabó tras {0} de {1} bytes',
}
