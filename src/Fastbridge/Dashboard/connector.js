// One connector: its numbers, its last hour, its settings, its last records.

import * as api from './api.js'
import { Chart } from './charts.js'
import { h, say, setAttribute, setText, stateBadge, terms } from './dom.js'
import { ago, bytes, count, dateTime, milliseconds, percent, rate } from './format.js'
import { latency } from './list.js'
import { Records } from './records.js'

const historyEvery = 5000

export class ConnectorView {
  #go; #refresh; #connector; #record; #timer; #shown
  #ended = false

  constructor(connector, go, refresh) {
    this.#connector = connector
    this.#go = go
    this.#refresh = refresh
    const path = `${encodeURIComponent(connector.tenant)}/${encodeURIComponent(connector.name)}`
    this.badge = stateBadge('…')
    this.why = h('p', { class: 'why', role: 'status' })
    this.toggle = h('button', { type: 'button', id: 'toggle', disabled: true, onclick: () => this.#startOrStop() }, 'Stop')
    this.remove = h('button', { type: 'button', id: 'delete', class: 'danger', onclick: () => this.#askToDelete() }, 'Delete…')
    this.fault = h('p', { class: 'fault', role: 'alert', hidden: true })
    this.numbers = h('div', { class: 'tiles' })
    this.settings = h('div', {}, h('p', { class: 'help' }, 'Loading…'))
    this.granted = h('div', {})
    this.reasons = h('div', {})
    this.charts = {
      rates: new Chart('Messages', 'a second', [{ label: 'In', column: 'received_per_second', colour: '--chart-1' }, { label: 'Out', column: 'delivered_per_second', colour: '--chart-2', width: 4 }], rate),
      flight: new Chart('In flight', 'messages', [{ label: 'In flight', column: 'in_flight', colour: '--chart-3' }], count, { least: 4 }),
      latency: new Chart('Ack latency', 'milliseconds', [{ label: 'p50', column: 'ack_p50_ms', colour: '--chart-2' }, { label: 'p99', column: 'ack_p99_ms', colour: '--chart-4' }], milliseconds),
      buffer: new Chart('Buffer', 'on disk', [{ label: 'Bytes', column: 'buffer_bytes', colour: '--chart-4' }], bytes, { least: 4096, isBytes: true }),
    }
    this.charts.latency.element.hidden = this.charts.buffer.element.hidden = true
    this.records = new Records(connector)
    this.element = h('div', {},
      h('nav', { 'aria-label': 'Way back' }, h('a', { href: '#/', class: 'back' }, '← All connectors')),
      h('div', { class: 'head' }, h('h1', { tabindex: '-1' }, connector.name), this.badge,
        h('div', { class: 'actions' }, h('a', { class: 'button', id: 'edit', href: `#/connector/${path}/edit` }, 'Edit'), this.toggle, this.remove)),
      this.why, this.fault, this.numbers,
      h('section', { 'aria-label': 'The last hour', class: 'charts' }, Object.values(this.charts).map(c => c.element)),
      h('div', { class: 'panels' },
        h('section', { class: 'panel' }, h('h2', {}, 'Settings'), this.settings),
        h('section', { class: 'panel' }, h('h2', {}, 'Subscriptions'), this.granted, h('h2', {}, 'Given up'), this.reasons),
        this.records.element))
    this.#askHistory()
    this.#askRecord()
  }

  update(status) {
    const c = status.connectors.find(c => c.name === this.#connector.name && c.cluster_name === this.#connector.tenant)
    this.toggle.disabled = this.remove.disabled = !c
    if (!c) {
      setText(this.badge, 'Gone')
      setText(this.why, 'There is no connector of this name any more.')
      return
    }
    setText(this.badge, c.state)
    setAttribute(this.badge, 'data-state', c.state)
    setText(this.why, c.stuck || c.why)
    setText(this.toggle, c.state === 'Stopped' ? 'Start' : 'Stop')
    const time = api.now()
    const [p50, p99] = [latency(c, 'p50'), latency(c, 'p99')]
    this.numbers.replaceChildren(terms([
      ['In', [h('b', {}, rate(c.received_per_second)), h('small', {}, `messages/s · ${count(c.received)} in all`)]],
      ['Out', [h('b', {}, rate(c.delivered_per_second)), h('small', {}, `records/s · ${count(c.delivered)} in all`)]],
      p99 !== undefined && ['Ack latency', [h('b', {}, milliseconds(p99)), h('small', {}, `p99 · p50 ${milliseconds(p50)}`)]],
      ['Window', [h('b', {}, count(c.in_flight)), h('small', {}, `of ${count(c.window.max_messages)} · ${bytes(c.in_flight_bytes)} of ${bytes(c.window.max_bytes)}`)]],
      c.buffer && ['Buffer', [h('b', {}, bytes(c.buffer.bytes)), h('small', {}, `${percent(c.buffer.bytes / c.buffer.max_bytes)} of ${bytes(c.buffer.max_bytes)} · ${count(c.buffer.records)} records`)]],
      ['Given up', [h('b', {}, count(c.dead_lettered + c.discarded)), h('small', {}, `${count(c.dead_lettered)} dead letters, ${count(c.discarded)} dropped`)]],
      ['Last message', [h('b', {}, ago(c.last_message_at, time)), h('small', {}, `delivered ${ago(c.last_delivered_at, time)}`)]],
    ]))
    this.#details(c, time)
    // An edit elsewhere, or this page's own, has come into force.
    if (this.#shown !== undefined && this.#shown !== status.revision) this.#askRecord()
    this.#shown = status.revision
  }

  end() {
    this.#ended = true
    clearTimeout(this.#timer)
    Object.values(this.charts).forEach(c => c.end())
    this.records.end()
  }

  #details(c, time) {
    const granted = c.granted.map(g => h('tr', {}, h('th', { scope: 'row', class: 'code' }, g.filter), h('td', {}, g.code < 128 ? `QoS ${g.code}` : h('span', { class: 'fault' }, `refused (0x${g.code.toString(16)})`))))
    const more = [
      ['State since', dateTime(c.since)],
      ['MQTT session', c.session || 'none yet'],
      c.last_error && ['Last error', [c.last_error, h('small', {}, ` ${ago(c.last_error_at, time)}`)]],
      c.buffer && ['Buffer folder', [c.buffer.path, c.buffer.buffering && h('small', {}, ' messages go by the disk now')]],
      c.buffer?.fault && ['Buffer fault', c.buffer.fault],
      c.buffer?.dropped > 0 && ['Dropped by the full buffer', count(c.buffer.dropped)],
      c.buffer?.damaged > 0 && ['Damaged records', count(c.buffer.damaged)],
    ]
    this.#replace(this.granted, [granted.length > 0 && h('table', { class: 'plain' }, h('caption', { class: 'hidden' }, 'Topic filters and what the MQTT broker granted'), h('tbody', {}, granted)), terms(more, { class: 'pairs' })])
    const rows = [...c.dead_letter_reasons.map(r => ['dead letter', r]), ...c.discard_reasons.map(r => ['dropped', r])]
    const again = [
      c.produced_again > 0 && ['Sent to Kafka again', count(c.produced_again)],
      c.possibly_repeated > 0 && ['Perhaps in Kafka twice', count(c.possibly_repeated)],
      c.adopted > 0 && ['Redelivered while under way', count(c.adopted)],
      c.unmatched > 0 && ['Under a filter of the past', count(c.unmatched)],
      c.skipped_retained > 0 && ['Retained, skipped', count(c.skipped_retained)],
    ].filter(p => p)
    this.#replace(this.reasons, [rows.length > 0
      ? h('table', { class: 'plain' }, h('thead', {}, h('tr', {}, ['Reason', 'What', 'Messages'].map((t, i) => h('th', { scope: 'col', class: i === 2 ? 'number' : null }, t)))),
        h('tbody', {}, rows.map(([what, r]) => h('tr', {}, h('th', { scope: 'row', class: 'code' }, r.reason), h('td', {}, what), h('td', { class: 'number' }, count(r.count))))))
      : h('p', { class: 'help' }, 'No message was given up.'), again.length > 0 && terms(again, { class: 'pairs' })])
  }

  /** Only where it differs, so that a selection is left alone. */
  #replace(holder, children) {
    const fresh = h('div', {}, children)
    if (holder.firstElementChild?.isEqualNode(fresh)) return
    holder.replaceChildren(fresh)
  }

  async #askHistory() {
    try {
      if (!document.hidden) {
        const history = await api.history(this.#connector)
        if (this.#ended) return
        history.until ??= new Date(api.now()).toISOString()
        this.charts.latency.element.hidden = !history.ack_p99_ms?.some(v => v !== null)
        this.charts.buffer.element.hidden = !history.buffer_bytes.some(v => v !== null)
        for (const [name, chart] of Object.entries(this.charts)) if (!chart.element.hidden) this.charts[name].update(history)
      }
    } catch (e) {
      if (!(e instanceof api.ApiError)) throw e
      // The page's own line says what is wrong, and the charts stay as they are.
    }
    if (!this.#ended) this.#timer = setTimeout(() => this.#askHistory(), historyEvery)
  }

  async #askRecord() {
    try {
      this.#record = await api.stored(this.#connector)
    } catch (e) {
      if (!(e instanceof api.ApiError)) throw e
      this.#replace(this.settings, [h('p', { class: 'fault' }, e.message)])
      return
    }
    if (!this.#record) return
    const record = this.#record
    const topics = [record.topic_name].flat()
    let config
    try {
      config = JSON.parse(record.config)
    } catch {
      config = record.config
    }
    const flat = (value, path) => value !== null && typeof value === 'object' ? Object.entries(value).flatMap(([k, v]) => flat(v, path ? `${path} › ${k}` : k)) : [[path, h('span', { class: 'code' }, String(value))]]
    this.#replace(this.settings, [terms([
      [topics.length === 1 ? 'Topic filter' : 'Topic filters', topics.map(t => h('div', { class: 'code' }, t))],
      ...(typeof config === 'object' ? flat(config, '') : [['config', h('span', { class: 'code' }, String(config))]]),
      record.failure_strategy && ['Failure strategy', Object.entries(record.failure_strategy).map(([k, v]) => h('div', { class: 'code' }, k === 'strategy' ? v : `${k}: ${v}`))],
      ['Cluster', record.tenant],
      record.create_time !== '-' && ['Created', `${record.create_time} UTC`],
      record.update_time !== '-' && ['Changed', `${record.update_time} UTC`],
    ], { class: 'pairs' })])
  }

  async #change(what, done, more) {
    this.fault.hidden = true
    try {
      const warnings = await api.change(what, { tenant: this.#connector.tenant, connector_name: this.#connector.name, ...more })
      say([`${this.#connector.name} ${done}`, ...warnings].join('; '))
      return true
    } catch (e) {
      if (!(e instanceof api.ApiError)) throw e
      setText(this.fault, e.message)
      this.fault.hidden = false
      return false
    }
  }

  async #startOrStop() {
    const starts = this.toggle.textContent === 'Start'
    this.toggle.disabled = true
    await this.#change(starts ? 'start' : 'stop', starts ? 'was started' : 'was stopped')
    this.toggle.disabled = false
    this.toggle.focus()
    this.#refresh()
  }

  #askToDelete() {
    const name = this.#connector.name
    const input = h('input', { id: 'delete-name', autocomplete: 'off', spellcheck: 'false', 'aria-describedby': 'delete-help', oninput: () => { confirm.disabled = input.value !== name } })
    const confirm = h('button', { class: 'danger', disabled: true, id: 'delete-now' }, 'Delete')
    const dialog = h('dialog', { 'aria-labelledby': 'delete-title', onclose: () => { dialog.remove(); this.remove.focus() } },
      h('form', {
        onsubmit: async e => {
          e.preventDefault()
          if (input.value !== name) return
          confirm.disabled = true
          const done = await this.#change('delete', 'was deleted')
          dialog.close()
          if (done) this.#go('#/')
        },
      },
      h('h2', { id: 'delete-title' }, 'Delete this connector?'),
      h('p', { id: 'delete-help' }, 'It is taken out of the file and drained, and its MQTT session is ended: what the broker still holds for it is lost. To keep that, stop it instead.'),
      h('label', { for: 'delete-name' }, 'Type its name: ', h('b', {}, name)), input,
      h('div', { class: 'actions' }, h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'), confirm)))
    document.body.append(dialog)
    dialog.showModal()
    input.focus()
  }
}
