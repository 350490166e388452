// The dependency map drawn: things in columns, lines between them, one thing chosen with all it depends on.
import { useElementSize } from '@mantine/hooks'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTexts } from '../../app/texts.ts'
import { BOX, layOut } from './layout.ts'
import { reach, type DependencyMap, type Kind, type Thing } from './links.ts'
import './map.css'
import { MAP_TEXTS } from './texts.ts'

const COLUMN_TEXTS = ['column 0', 'column 1', 'column 2', 'column 3'] as const

export interface DrawingProps {
  readonly map: DependencyMap
  /** The key of the thing that is looked at; empty where none is. */
  readonly chosen: string
  readonly onChoose: (key: string) => void
}

export function Drawing({ map, chosen, onChoose }: DrawingProps) {
  const say = useTexts(MAP_TEXTS)
  const place = useElementSize<HTMLDivElement>()
  const { width, height, wide, columns, places, lines } = useMemo(
    () => layOut(map, place.width),
    [map, place.width],
  )
  const thing = map.things.find(({ key }) => key === chosen)
  const up = useMemo(() => reach(map, chosen, 'up'), [map, chosen])
  const down = useMemo(() => reach(map, chosen, 'down'), [map, chosen])
  const isLit = (key: string): boolean =>
    thing === undefined || key === chosen || up.has(key) || down.has(key)
  return (
    <>
      <div className="map" tabIndex={0} role="group" aria-label={say('drawing')}>
        <div ref={place.ref} />
        <div style={{ width, height }}>
          <svg width={width} height={height} aria-hidden>
            {lines.map(({ from, to, path }) => {
              const isOn = thing !== undefined && isLit(from) && isLit(to)
              return (
                <path
                  key={`${from} ${to}`}
                  d={path}
                  data-lit={isOn || undefined}
                  data-dim={(thing !== undefined && !isOn) || undefined}
                />
              )
            })}
          </svg>
          {columns.map(({ at, x }) => (
            <h2 key={at} className="map-head" style={{ left: x, width: wide }}>
              {say(COLUMN_TEXTS[at]!)}
            </h2>
          ))}
          {map.things.map(({ key, kind, name }) => {
            const at = places.get(key)!
            return (
              <button
                key={key}
                type="button"
                className={`map-thing map-${kind}`}
                style={{ left: at.x, top: at.y, width: wide, height: BOX }}
                aria-pressed={key === chosen}
                data-dim={!isLit(key) || undefined}
                title={name}
                onClick={() => onChoose(key === chosen ? '' : key)}
              >
                <span className="map-kind">{say(kind)}</span>
                <span className="map-name">{name}</span>
              </button>
            )
          })}
        </div>
      </div>
      <div className="map-told" aria-live="polite">
        {thing ? <Told thing={thing} map={map} up={up} down={down} /> : <p>{say('choose')}</p>}
      </div>
    </>
  )
}

function Told({
  thing,
  map,
  up,
  down,
}: {
  readonly thing: Thing
  readonly map: DependencyMap
  readonly up: ReadonlySet<string>
  readonly down: ReadonlySet<string>
}) {
  const say = useTexts(MAP_TEXTS)
  const list = (keys: ReadonlySet<string>) =>
    map.things
      .filter(({ key }) => keys.has(key))
      .map(({ key, kind, name }) => (
        <li key={key}>
          <span className="quiet">{say(kind)}</span> <Open kind={kind} name={name} />
        </li>
      ))
  return (
    <>
      <p>
        <strong>{thing.name}</strong>{' '}
        <Open kind={thing.kind} name={thing.name} text={say('open')} />
      </p>
      <div className="map-lists">
        <section>
          <h3>{say('up', { n: up.size })}</h3>
          <ul>{list(up)}</ul>
        </section>
        <section>
          <h3>{say('down', { n: down.size })}</h3>
          <ul>{list(down)}</ul>
        </section>
      </div>
    </>
  )
}

function Open({
  kind,
  name,
  text = name,
}: {
  readonly kind: Kind
  readonly name: string
  readonly text?: string
}) {
  switch (kind) {
    case 'schedule':
      return (
        <Link className="link" to="/schedules/$id" params={{ id: name }}>
          {text}
        </Link>
      )
    case 'workflow':
      return (
        <Link className="link" to="/workflows/$id" params={{ id: name }}>
          {text}
        </Link>
      )
    case 'type':
      return (
        <Link className="link" to="/types/$name" params={{ name }}>
          {text}
        </Link>
      )
    case 'queue':
      return (
        <Link className="link" to="/queues/$name" params={{ name }}>
          {text}
        </Link>
      )
    case 'webhook':
    case 'source':
      return (
        <Link className="link" to="/alerts" search={{ tab: 'webhooks' }}>
          {text}
        </Link>
      )
  }
}
