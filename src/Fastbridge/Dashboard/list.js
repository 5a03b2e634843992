// All connectors: what they do now, what is in their way.

import { now } from './api.js'
import { h, setAttribute, setText, stateBadge, terms } from './dom.js'
import { noticesOf } from './faults.js'
import { ago, bytes, count, dateTime, duration, milliseconds, percent, rate } from './format.js'

const order = ['Error', 'Warn', 'Idle', 'Running', 'Stopped']
const keyOf = c => `${c.cluster_name}/${c.name}`
const windowUse = c => Math.max(c.in_flight / c.window.max_messages, c.in_flight_bytes / c.window.max_bytes)
const linkOf = c => `#/connector/${encodeURIComponent(c.cluster_name)}/${encodeURIComponent(c.name)}`

/** The ack latency's quantile of the last minute, milliseconds; null where no message came, undefined where this bridge does not measure it. */
export function latency(c, quantile) {
  const seconds = c.recent_ack_latency?.[`${quantile}_seconds`]
  return seconds === null || seconds === undefined ? seconds : seconds * 1000
}

/** `text` fills a cell; `by` is what a column is sorted by. The first click sorts by the larger value first where `down` is set. */
const columns = [
  { id: 'state', title: 'State', by: c => order.indexOf(c.state) },
  { id: 'name', title: 'Connector', by: c => c.name },
  { id: 'in', title: 'In /s', number: true, down: true, by: c => c.received_per_second, text: c => rate(c.received_per_second), hint: 'messages a second taken from MQTT' },
  { id: 'out', title: 'Out /s', number: true, down: true, by: c => c.delivered_per_second, text: c => rate(c.delivered_per_second), hint: 'records a second that Kafka took' },
  { id: 'latency', title: 'Ack p99', number: true, down: true, by: c => latency(c, 'p99') ?? -1, text: c => milliseconds(latency(c, 'p99')), only: c => latency(c, 'p99') !== undefined, hint: 'time from MQTT to its acknowledgement, of 99 in 100 messages' },
  { id: 'window', title: 'Window', number: true, down: true, by: windowUse, meter: windowUse, hint: 'messages and bytes in flight, of what the window allows' },
  { id: 'buffer', title: 'Buffer', number: true, down: true, by: c => c.buffer?.bytes ?? -1, text: c => c.buffer ? `${bytes(c.buffer.bytes)} · ${percent(c.buffer.bytes / c.buffer.max_bytes)}` : '–', hint: 'bytes on disk, of what the buffer may hold' },
  { id: 'letters', title: 'Dead letters', number: true, down: true, by: c => c.dead_lettered, text: c => count(c.dead_lettered) },
  { id: 'error', title: 'Last error', down: true, by: c => c.last_error_at ?? '' },
]

export class ListView {
  #rows = new Map()
  #sort = { id: 'state', down: false }
  #status
  #headers = new Map()

  constructor() {
    this.tiles = h('div', { class: 'tiles' })
    this.notices = h('div', {})
    this.bridge = h('p', { class: 'bridge' })
    this.search = h('input', { id: 'search', type: 'search', placeholder: 'Name, reason or error', autocomplete: 'off', spellcheck: 'false', oninput: () => this.#show() })
    this.filter = h('select', { id: 'filter', onchange: () => this.#show() }, h('option', { value: '' }, 'All states'), order.map(s => h('option', {}, s)))
    this.found = h('span', { class: 'found', role: 'status' })
    this.body = h('tbody', {})
    this.empty = h('p', { class: 'empty', hidden: true })
    const heads = columns.map(column => {
      const button = h('button', { type: 'button', title: column.hint, onclick: () => this.#sortBy(column) }, column.title)
      const head = h('th', { scope: 'col', class: column.number ? 'number' : null, 'data-column': column.id }, button)
      this.#headers.set(column.id, head)
      return head
    })
    this.element = h('div', {},
      h('div', { class: 'head' }, h('h1', { tabindex: '-1' }, 'Connectors'), h('a', { class: 'button main', href: '#/new', id: 'new' }, 'New connector')),
      this.tiles, this.notices,
      h('div', { class: 'tools' },
        h('label', { for: 'search' }, 'Search'), this.search,
        h('label', { for: 'filter' }, 'State'), this.filter, this.found),
      h('table', { class: 'list' }, h('caption', { class: 'hidden' }, 'Connectors and what they do now. The headings sort.'), h('thead', {}, h('tr', {}, heads)), this.body),
      this.empty, this.bridge)
    this.#mark()
  }

  update(status) {
    this.#status = status
    const all = status.connectors
    const sum = what => all.reduce((total, c) => total + what(c), 0)
    const inState = state => all.filter(c => c.state === state).length
    const states = order.filter(s => inState(s) > 0).map(s => `${inState(s)} ${s.toLowerCase()}`).join(', ')
    this.tiles.replaceChildren(terms([
      ['Connectors', [h('b', {}, count(all.length)), h('small', {}, states || 'none yet')]],
      ['In', [h('b', {}, rate(sum(c => c.received_per_second))), h('small', {}, `messages/s · ${count(sum(c => c.received))} in all`)]],
      ['Out', [h('b', {}, rate(sum(c => c.delivered_per_second))), h('small', {}, `records/s · ${count(sum(c => c.delivered))} in all`)]],
      ['In flight', [h('b', {}, count(sum(c => c.in_flight))), h('small', {}, bytes(sum(c => c.in_flight_bytes)))]],
      ['On disk', [h('b', {}, bytes(sum(c => c.buffer?.bytes ?? 0))), h('small', {}, `${count(sum(c => c.buffer?.records ?? 0))} records wait`)]],
      ['Given up', [h('b', {}, count(sum(c => c.dead_lettered + c.discarded))), h('small', {}, `${count(sum(c => c.dead_lettered))} dead letters, ${count(sum(c => c.discarded))} dropped`)]],
    ]))
    noticesOf(this.notices, status)
    setText(this.bridge, `${status.source} · revision ${status.revision} · runs since ${dateTime(status.started_at)} (${duration((now() - Date.parse(status.started_at)) / 1000)})`)
    this.#show()
  }

  end() {}

  #sortBy(column) {
    this.#sort = this.#sort.id === column.id ? { id: column.id, down: !this.#sort.down } : { id: column.id, down: column.down === true }
    this.#mark()
    this.#show()
  }

  #mark() {
    for (const [id, head] of this.#headers) setAttribute(head, 'aria-sort', id === this.#sort.id ? (this.#sort.down ? 'descending' : 'ascending') : null)
  }

  #show() {
    if (!this.#status) return
    const words = this.search.value.toLowerCase().split(/\s+/)
    const all = this.#status.connectors
    const by = columns.find(c => c.id === this.#sort.id).by
    const found = all
      .map((connector, place) => ({ connector, place, by: by(connector) }))
      .filter(({ connector: c }) => (!this.filter.value || c.state === this.filter.value) &&
        words.every(word => `${c.name} ${c.cluster_name} ${c.why} ${c.last_error}`.toLowerCase().includes(word)))
      // Equals by name, so that rows do not change their places while rates flicker.
      .sort((a, b) => (this.#sort.down ? -1 : 1) * (a.by < b.by ? -1 : a.by > b.by ? 1 : 0) || a.connector.name.localeCompare(b.connector.name) || a.place - b.place)
    for (const column of columns) {
      if (column.only) this.element.querySelector('.list').toggleAttribute(`data-no-${column.id}`, !all.some(column.only))
    }
    const wanted = found.map(({ connector, place }) => this.#row(connector, place))
    // Rows stay the same elements, so that focus and selection survive; only those out of place are moved.
    wanted.forEach((row, i) => { if (this.body.children[i] !== row) this.body.insertBefore(row, this.body.children[i] ?? null) })
    while (this.body.children.length > wanted.length) this.body.lastChild.remove()
    const keys = new Set(all.map((c, place) => this.#keyOf(c, place)))
    for (const key of this.#rows.keys()) if (!keys.has(key)) this.#rows.delete(key)
    setText(this.found, found.length === all.length ? '' : `${count(found.length)} of ${count(all.length)}`)
    this.empty.hidden = found.length > 0
    setText(this.empty, all.length === 0 ? 'There is no connector yet. Make the first one by “New connector”.' : 'No connector fits the search.')
  }

  /** One that drains stands behind the one that took its name. */
  #keyOf(c, place) {
    const first = this.#status.connectors.findIndex(other => other.name === c.name && other.cluster_name === c.cluster_name)
    return first === place ? keyOf(c) : `${keyOf(c)}/${place}`
  }

  #row(c, place) {
    const key = this.#keyOf(c, place)
    let row = this.#rows.get(key)
    if (!row) this.#rows.set(key, row = this.#make(c))
    for (const update of row.updates) update(c)
    return row.element
  }

  #make(c) {
    const updates = []
    const cells = columns.map(column => {
      const attributes = { 'data-column': column.id, 'data-title': column.title, class: column.number ? 'number' : null }
      if (column.id === 'state') {
        const badge = stateBadge(c.state)
        updates.push(c => { setText(badge, c.state); setAttribute(badge, 'data-state', c.state) })
        return h('td', attributes, badge)
      }
      if (column.id === 'name') {
        const why = h('span', { class: 'why' })
        updates.push(c => { setText(why, c.stuck || c.why); why.hidden = !(c.stuck || c.why) })
        return h('th', { ...attributes, scope: 'row' }, h('a', { href: linkOf(c) }, c.name), c.cluster_name !== 'default' && h('small', {}, ` ${c.cluster_name}`), why)
      }
      if (column.id === 'error') {
        const [text, when] = [h('span', { class: 'error' }), h('small', {})]
        updates.push(c => {
          setText(text, c.last_error || '–')
          setAttribute(text, 'title', c.last_error || null)
          setText(when, c.last_error_at ? ago(c.last_error_at, now()) : '')
        })
        const cell = h('td', attributes, text, ' ', when)
        updates.push(c => setAttribute(cell, 'data-empty', !c.last_error && 'yes'))
        return cell
      }
      if (column.meter) {
        const [bar, text] = [h('progress', { max: 1, 'aria-hidden': 'true' }), h('span', {})]
        updates.push(c => { bar.value = column.meter(c); setText(text, percent(column.meter(c))) })
        return h('td', attributes, bar, text)
      }
      const cell = h('td', attributes)
      updates.push(c => setText(cell, column.text(c)))
      return cell
    })
    return { element: h('tr', {}, cells), updates }
  }
}
