// The matrix of roles: what each may do, from the server's own table.
import { useRead } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { IconCheck, IconPoint } from '../../look/icons.ts'
import { Answered } from '../../parts/list.tsx'
import { Card } from '../../parts/page.tsx'
import { PERMISSION_TEXTS, permissionWords } from './permission-words.ts'
import { ROLE_TEXTS, roleWords } from './role-words.ts'
import { ACCESS_TEXTS } from './texts.ts'

export function Roles() {
  const say = useTexts(ACCESS_TEXTS)
  const sayRole = useTexts(ROLE_TEXTS)
  const sayPermission = useTexts(PERMISSION_TEXTS)
  const read = useRead('roles.list', {})
  return (
    <Card title={say('roles')} isFlush>
      <Answered read={read}>
        {({ permissions, roles }) => (
          <section className="table-box" tabIndex={0} aria-label={say('roles')}>
            <table className="list">
              <thead>
                <tr>
                  <th scope="col">{say('permission')}</th>
                  {roles.map((role) => {
                    const { title, summary } = roleWords(role, sayRole)
                    return (
                      <th scope="col" key={role.id} title={summary} style={{ textAlign: 'center' }}>
                        {title}
                      </th>
                    )
                  })}
                </tr>
              </thead>
              <tbody>
                {permissions.map(({ id, summary }) => (
                  <tr key={id}>
                    <th scope="row" style={{ fontWeight: 400 }}>
                      <span className="mono">{id}</span>
                      <div className="quiet roomy">
                        {permissionWords({ id, summary }, sayPermission)}
                      </div>
                    </th>
                    {roles.map((role) => {
                      const { title } = roleWords(role, sayRole)
                      const has = role.permissions.includes(id)
                      const outside = !has && role.outsideProduction.includes(id)
                      return (
                        <td key={role.id} style={{ textAlign: 'center' }}>
                          {has ? (
                            <IconCheck
                              size={15}
                              role="img"
                              aria-label={say('has', { role: title, permission: id })}
                            />
                          ) : null}
                          {outside ? (
                            <IconPoint
                              size={15}
                              role="img"
                              aria-label={`${say('has', { role: title, permission: id })}, ${say('outside')}`}
                            />
                          ) : null}
                        </td>
                      )
                    })}
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )}
      </Answered>
    </Card>
  )
}
