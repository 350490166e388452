// hospital-import: the details of one hospital, worked out and stored.
import { handle, type Handler, type PackRooms } from 'orderly'
import { misplaced } from '../analytics/voices.ts'
import { analyticsRefresh, hospitalImport } from '../jobs.ts'
import { PriceFileError } from '../read/error.ts'
import type { PriceTables } from '../store/tables.ts'
import { detailsOf } from './details.ts'
import { openGazetteer, type Gazetteer } from './gazetteer.ts'

const NOWHERE: Gazetteer = { ofZip: () => undefined, ofCity: () => undefined }

export function hospitalImportHandler({ clock, database }: PackRooms): Handler {
  const db = database.withTables<PriceTables>()
  return handle(hospitalImport, async ({ input, enqueue }) => {
    const hospital = await db.query
      .selectFrom('hospitals')
      .selectAll()
      .where('hospital_id', '=', input.hospitalId)
      .executeTakeFirst()
    if (!hospital)
      throw new PriceFileError('FILE_GONE', 'No such hospital is known here; scan again.')
    const { address, city, state, zip } = hospital
    // The table of places takes its memory only where there is a place to look for.
    const isSomewhere = zip !== null || address !== null || (city !== null && state !== null)
    const details = detailsOf(hospital, isSomewhere ? await openGazetteer() : NOWHERE)
    await db.query
      .updateTable('hospitals')
      .set({
        street: details.street,
        place: details.place,
        state: details.state,
        zip: details.zip,
        county: details.county,
        county_fips: details.countyFips,
        latitude: details.latitude,
        longitude: details.longitude,
        address_state: details.addressState,
        problems: JSON.stringify(details.problems),
        imported_at: clock.now(),
      })
      .where('hospital_id', '=', input.hospitalId)
      .execute()
    // Its prices may have statistics already, in no market or in another one.
    for (const sourceId of await misplaced(db, input.hospitalId))
      await enqueue(analyticsRefresh, { sourceId })
    return { addressState: details.addressState, problems: [...details.problems] }
  })
}
