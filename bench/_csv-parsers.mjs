// Two well-known CSV parsers, doing nothing but parsing, each in the way its documentation shows for streams.
import { parse } from 'csv-parse'
import Papa from 'papaparse'

export const parseWith = {
  'csv-parse': (stream) =>
    new Promise((resolve, reject) => {
      stream
        .pipe(parse({ relax_column_count: true }))
        .on('data', () => {})
        .on('end', resolve)
        .on('error', reject)
    }),
  papaparse: (stream) =>
    new Promise((resolve, reject) => {
      Papa.parse(stream, { step: () => {}, complete: resolve, error: reject })
    }),
}
