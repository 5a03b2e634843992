// A connector's last records, shown only while somebody wants to see them: the bridge copies none before.

import * as api from './api.js'
import { h, setText } from './dom.js'
import { bytes, clock, count } from './format.js'

const often = 2000

export class Records {
  #connector; #timer; #newest
  #on = false

  constructor(connector) {
    this.#connector = connector
    this.button = h('button', { type: 'button', 'aria-pressed': 'false', id: 'watch', onclick: () => this.#toggle() }, 'Watch records')
    this.said = h('p', { class: 'help', role: 'status' }, 'Nothing is copied of any message until you watch. Whoever may use this API can see payloads this way.')
    this.body = h('tbody', {})
    this.table = h('table', { class: 'records', hidden: true },
      h('caption', { class: 'hidden' }, 'The last records, the newest first'),
      h('thead', {}, h('tr', {}, ['Time', 'MQTT topic', 'Kafka topic and key', 'Payload'].map(t => h('th', { scope: 'col' }, t)))), this.body)
    this.element = h('section', { class: 'panel wide' }, h('div', { class: 'head' }, h('h2', {}, 'Last records'), this.button), this.said, this.table)
  }

  end() {
    this.#on = false
    clearTimeout(this.#timer)
  }

  #toggle() {
    this.#on = !this.#on
    this.button.setAttribute('aria-pressed', String(this.#on))
    setText(this.button, this.#on ? 'Stop watching' : 'Watch records')
    if (this.#on) {
      this.#newest = undefined
      this.body.replaceChildren()
      this.#ask()
    } else {
      clearTimeout(this.#timer)
      setText(this.said, 'No longer watched; the bridge stops copying half a minute after the last look.')
    }
  }

  async #ask() {
    if (!document.hidden) {
      try {
        const sample = await api.records(this.#connector)
        if (this.#on) this.#show(sample)
      } catch (e) {
        if (!(e instanceof api.ApiError)) throw e
        if (this.#on) setText(this.said, e.message)
      }
    }
    if (this.#on) this.#timer = setTimeout(() => this.#ask(), often)
  }

  #show(sample) {
    if (!sample.since) setText(this.said, 'The connector does not run, so no record passes.')
    else setText(this.said, sample.seen === 0 ? `Watched since ${clock(sample.since)}; no message has come yet.` : `Watched since ${clock(sample.since)}: ${count(sample.seen)} messages, the last ${sample.records.length} of them here. A fast connector shows up to 20 a second.`)
    this.table.hidden = sample.records.length === 0
    // Unchanged rows stay, so that a payload that was opened or selected is left alone.
    const text = JSON.stringify(sample.records)
    if (text === this.#newest) return
    this.#newest = text
    const old = new Map([...this.body.children].map(row => [row.dataset.key, row]))
    this.body.replaceChildren(...sample.records.toReversed().map(r => {
      const key = JSON.stringify(r)
      return old.get(key) ?? this.#row(r, key)
    }))
  }

  #row(r, key) {
    const cut = r.payload_bytes > (r.payload_encoding === 'hex' ? r.payload.length / 2 : new TextEncoder().encode(r.payload).length)
    const text = r.payload_encoding === 'hex' ? (r.payload.match(/.{1,2}/g) ?? []).join(' ') : r.payload
    const about = [`${bytes(r.payload_bytes)}`, r.payload_encoding === 'hex' && 'shown as hex', cut && 'cut', `QoS ${r.qos}`, r.retain && 'retained'].filter(w => w).join(', ')
    return h('tr', { 'data-key': key },
      h('td', { 'data-title': 'Time' }, clock(r.received_at)),
      h('td', { 'data-title': 'MQTT topic', class: 'code' }, r.mqtt_topic),
      h('td', { 'data-title': 'Kafka' }, h('span', { class: 'code' }, r.kafka_topic), h('small', {}, r.key === null ? 'no key' : r.key === r.mqtt_topic ? 'key: the MQTT topic' : `key: ${r.key}`)),
      h('td', { 'data-title': 'Payload' }, text.length > 120
        ? h('details', {}, h('summary', {}, h('span', { class: 'code' }, text.slice(0, 160))), h('pre', {}, text))
        : h('span', { class: 'code' }, text || '(empty)'), h('small', {}, about)))
  }
}
