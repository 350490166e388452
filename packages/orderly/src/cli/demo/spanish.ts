// What the made-up clinic says in Spanish, by its English sentence.

export const CLINIC_SPANISH: Readonly<Record<string, string>> = {
  'Refresh and publish prices': 'Actualizar y publicar precios',
  'Publish these prices?': '¿Publicar estos precios?',
  'Load a price file': 'Cargar un fichero de precios',
  'Loads the file of one hospital, and publishes it once somebody has approved.':
    'Carga el fichero de un hospital y lo publica cuando alguien lo ha aprobado.',
  Hospital: 'Hospital',
  'Address of the file': 'Dirección del fichero',
  'Wait before asking': 'Espera antes de preguntar',
  'the made-up clinic': 'la clínica inventada',
}
