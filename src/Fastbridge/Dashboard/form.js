// Create and edit. What is right is the bridge's to say: its words stand beside the fields.

import * as api from './api.js'
import { h, say } from './dom.js'
import { clearFaults, showFaults } from './faults.js'

/** Settings of `config` with a field of their own; all others stand together as JSON. */
const fields = ['bootstrap_servers', 'topic', 'key', 'compression_type']

export class FormView {
  #go; #connector; #record; #raw; #config; #before

  /** @param connector null for a new one */
  constructor(connector, go) {
    this.#connector = connector
    this.#go = go
    this.form = connector ? h('form', {}, h('p', { class: 'help' }, 'Loading…')) : this.#build(null)
    this.element = h('div', { class: 'narrow' },
      h('nav', { 'aria-label': 'Way back' }, h('a', { href: this.#back, class: 'back' }, connector ? `← ${connector.name}` : '← All connectors')),
      h('h1', { tabindex: '-1' }, connector ? `Edit ${connector.name}` : 'New connector'), this.form)
    if (connector) this.#load()
  }

  get #back() {
    return this.#connector ? `#/connector/${encodeURIComponent(this.#connector.tenant)}/${encodeURIComponent(this.#connector.name)}` : '#/'
  }

  update() {}

  end() {}

  async #load() {
    let fresh
    try {
      this.#record = await api.stored(this.#connector)
      fresh = this.#record ? this.#build(this.#record) : h('form', {}, h('p', { class: 'fault', role: 'alert' }, 'There is no connector of this name any more.'))
    } catch (e) {
      if (!(e instanceof api.ApiError)) throw e
      fresh = h('form', {}, h('p', { class: 'fault', role: 'alert' }, e.message))
    }
    this.form.replaceWith(fresh)
    this.form = fresh
  }

  #field(path, label, input, help) {
    const id = `field-${path.replace(/\W/g, '-')}`
    input.id = id
    input.dataset.path = path
    if (help) {
      input.dataset.help = `${id}-help`
      input.setAttribute('aria-describedby', `${id}-help`)
    }
    this.inputs[path] = input
    return h('div', { class: 'field' }, h('label', { for: id }, label), input, help && h('p', { class: 'help', id: `${id}-help` }, help))
  }

  #build(record) {
    this.inputs = {}
    let config = {}
    try {
      config = record ? JSON.parse(record.config) : {}
    } catch {
      config = null
    }
    // A config that is one ${file:…}, or cannot be read, has no fields to show: it is left as it is.
    this.#raw = config === null || typeof config !== 'object'
    if (this.#raw) config = {}
    this.#config = config
    const text = (value, more) => h('input', { type: 'text', value: value ?? '', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', ...more })
    const area = (value, rows) => { const a = h('textarea', { rows, autocapitalize: 'off', spellcheck: 'false' }); a.value = value; return a }
    const select = (value, options, more) => { const s = h('select', more ?? {}, options.map(([v, label]) => h('option', { value: v }, label))); s.value = value; return s }
    const others = Object.fromEntries(Object.entries(config).filter(([k]) => !fields.includes(k)))
    const strategy = record?.failure_strategy ?? {}
    const keyKind = !('key' in config) ? 'topic' : config.key === '' ? 'none' : 'template'
    const keyInput = text(keyKind === 'template' ? config.key : '', { 'data-shown': 'key' })
    const keyField = this.#field('config.key', 'Template of the key', keyInput, 'Fixed text, or with ${topic}, ${topic[0]}, ${client_id}, ${username}, ${qos}, ${user_property.NAME}.')
    this.keyKind = select(keyKind, [['topic', 'The MQTT topic'], ['template', 'A template'], ['none', 'None: the MQTT topic chooses the partition']], { id: 'key-kind', onchange: () => showKey() })
    const showKey = () => { keyField.hidden = this.keyKind.value !== 'template' }
    this.strategy = select(strategy.strategy ?? 'retry', [['retry', 'Retry until Kafka has it'], ['discard', 'Drop it'], ['discard_after_retry', 'Drop it after some attempts'], ['dead_message_queue', 'Dead letter after some attempts']], { onchange: () => showStrategy() })
    const strategyField = this.#field('failure_strategy', 'A record that Kafka does not take', this.strategy)
    const retries = this.#field('failure_strategy.retry_total_times', 'Attempts after the first', text(strategy.retry_total_times, { inputmode: 'numeric' }), 'From 0 to 100; 3 if empty.')
    const wait = this.#field('failure_strategy.wait_time_ms', 'Milliseconds between them', text(strategy.wait_time_ms, { inputmode: 'numeric' }), 'From 0 to 300000; 1000 if empty.')
    const letters = this.#field('failure_strategy.topic_name', 'Kafka topic of the dead letters', text(strategy.topic_name), 'Empty: the file in state_dir.')
    const showStrategy = () => {
      const value = this.strategy.value
      retries.hidden = wait.hidden = !['discard_after_retry', 'dead_message_queue'].includes(value)
      letters.hidden = !['retry', 'dead_message_queue'].includes(value)
    }
    const topics = record ? [record.topic_name].flat() : []
    this.submit = h('button', { class: 'main', id: 'save' }, record ? 'Save' : 'Create')
    const form = h('form', { novalidate: true, onsubmit: e => { e.preventDefault(); this.#send() }, onkeydown: e => { if (e.key === 'Escape' && !this.#isChanged()) this.#go(this.#back) } },
      h('section', { class: 'summary notice bad', tabindex: '-1', role: 'alert', hidden: true }),
      h('fieldset', {}, h('legend', {}, 'Connector'),
        this.#field('connector_name', 'Name', text(record?.connector_name, { readonly: record !== null })),
        this.#field('cluster_name', 'Cluster', text(record?.tenant ?? 'default', { readonly: record !== null }), 'RobustMQ’s tenant; default, if you do not know it.')),
      h('fieldset', {}, h('legend', {}, 'From MQTT'),
        this.#field('topic_id', 'Topic filters', area(topics.join('\n'), Math.max(2, topics.length)), 'One a line, such as sensors/+/temperature. The broker itself is the file’s.')),
      this.#raw
        ? h('fieldset', {}, h('legend', {}, 'To Kafka'), h('p', { class: 'help' }, `The settings come whole from ${record.config}; they are changed where that is kept.`))
        : h('fieldset', {}, h('legend', {}, 'To Kafka'),
          this.#field('config.bootstrap_servers', 'Bootstrap servers', text(config.bootstrap_servers), 'host:9092, comma separated.'),
          this.#field('config.topic', 'Topic', text(config.topic), 'A name, or a template such as mqtt.${topic[0]}.'),
          h('div', { class: 'field' }, h('label', { for: 'key-kind' }, 'Key'), this.keyKind), keyField,
          this.#field('config.compression_type', 'Compression', select(config.compression_type ?? '', [['', 'As the bridge sees fit'], ...['none', 'gzip', 'snappy', 'lz4', 'zstd'].map(c => [c, c])])),
          this.#field('config', 'Other settings', area(Object.keys(others).length > 0 ? JSON.stringify(others, null, 2) : '', Math.min(12, Math.max(3, JSON.stringify(others, null, 2).split('\n').length))),
            'JSON, such as {"linger_ms": 5, "properties": {"security.protocol": "SSL"}}. ****** is a secret that stays as it is; best give secrets as ${env:NAME} or ${file:PATH}.')),
      h('fieldset', {}, h('legend', {}, 'When it fails'), strategyField, retries, wait, letters),
      h('div', { class: 'actions' }, h('a', { class: 'button', href: this.#back }, 'Cancel'), this.submit))
    showKey()
    showStrategy()
    this.#before = JSON.stringify(this.#values())
    return form
  }

  /** The input that a fault's path belongs to: its own, else that of what it is a part of. */
  #fieldOf(path) {
    const known = { topic_name: 'topic_id', tenant: 'cluster_name' }[path] ?? path
    if (known === 'config.key' && this.keyKind.value !== 'template') return this.keyKind
    return this.inputs[known] ?? this.inputs[known.split('.')[0]] ?? null
  }

  #isChanged() {
    try {
      return JSON.stringify(this.#values()) !== this.#before
    } catch {
      return true
    }
  }

  /** The request's body: of an edit only what differs, so that the rest stays as it is in the file. Throws SyntaxError where the other settings are no JSON object. */
  #body() {
    const body = this.#values()
    if (!this.#record) return { ...body, connector_type: 'Kafka' }
    const before = JSON.parse(this.#before)
    for (const part of ['topic_name', 'config', 'failure_strategy'])
      if (JSON.stringify(body[part]) === JSON.stringify(before[part])) delete body[part]
    return { ...body, revision: this.#record.revision }
  }

  #values() {
    const value = path => this.inputs[path].value.trim()
    const body = {
      tenant: value('cluster_name') || 'default',
      connector_name: this.inputs.connector_name.value,
      topic_name: this.inputs.topic_id.value.split('\n').map(t => t.trim()).filter(t => t),
    }
    if (!this.#raw) {
      const others = value('config') === '' ? {} : JSON.parse(value('config'))
      if (others === null || typeof others !== 'object' || Array.isArray(others)) throw new SyntaxError('they must be an object, { … }')
      const twice = fields.find(f => f in others)
      if (twice) throw new SyntaxError(`"${twice}" has a field of its own above`)
      const config = { bootstrap_servers: value('config.bootstrap_servers'), topic: value('config.topic') }
      if (this.keyKind.value !== 'topic') config.key = this.keyKind.value === 'none' ? '' : this.inputs['config.key'].value
      if (value('config.compression_type')) config.compression_type = value('config.compression_type')
      const all = { ...config, ...others }
      // In the order in which they stand in the file.
      const names = [...Object.keys(this.#config), ...Object.keys(all)].filter((name, i, list) => name in all && list.indexOf(name) === i)
      body.config = Object.fromEntries(names.map(name => [name, all[name]]))
    }
    const strategy = this.strategy.value
    const number = path => (/^\d+$/.test(value(path)) ? Number(value(path)) : value(path))
    // The default is written only where it takes another one's place.
    if (strategy !== 'retry' || value('failure_strategy.topic_name') || this.#record?.failure_strategy) {
      body.failure_strategy = { strategy }
      if (['discard_after_retry', 'dead_message_queue'].includes(strategy)) {
        if (value('failure_strategy.retry_total_times') !== '') body.failure_strategy.retry_total_times = number('failure_strategy.retry_total_times')
        if (value('failure_strategy.wait_time_ms') !== '') body.failure_strategy.wait_time_ms = number('failure_strategy.wait_time_ms')
      }
      if (['retry', 'dead_message_queue'].includes(strategy) && value('failure_strategy.topic_name')) body.failure_strategy.topic_name = value('failure_strategy.topic_name')
    }
    return body
  }

  async #send() {
    clearFaults(this.form)
    let body
    try {
      body = this.#body()
    } catch (e) {
      if (!(e instanceof SyntaxError)) throw e
      showFaults(this.form, [`config: the other settings are no JSON: ${e.message}`], path => this.#fieldOf(path))
      return
    }
    if (this.#record && !('topic_name' in body || 'config' in body || 'failure_strategy' in body)) {
      say('Nothing was changed')
      this.#go(this.#back)
      return
    }
    this.submit.disabled = true
    try {
      const warnings = await api.change(this.#record ? 'update' : 'create', body)
      say([`${body.connector_name} was ${this.#record ? 'changed' : 'created'}`, ...warnings].join('; '))
      this.#go(`#/connector/${encodeURIComponent(body.tenant)}/${encodeURIComponent(body.connector_name)}`)
    } catch (e) {
      if (!(e instanceof api.ApiError)) throw e
      this.submit.disabled = false
      showFaults(this.form, e.faults, path => this.#fieldOf(path))
      if (e.reason === 'conflict') {
        this.form.querySelector('.summary').append(h('button', { type: 'button', id: 'reload', onclick: () => this.#load() }, 'Load it again; what you typed is dropped'))
      }
    }
  }
}
