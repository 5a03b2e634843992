// Charts of one connector's last hour, drawn by uPlot.

import { onTheme } from './theme.js'
import { h, setText } from './dom.js'

const hour = 3600
const least = 300 // Seconds shown at least, so that a connector of a minute is no flat line from edge to edge.

// A byte axis counts in powers of two, as its numbers are written.
const powers = Array.from({ length: 40 }, (_, i) => 1024 * 2 ** i)

const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/** A variable's colour, resolved: a canvas knows neither var() nor light-dark(). */
function colour(name) {
  const probe = h('span', {})
  probe.style.color = `var(${name})`
  document.body.append(probe)
  const value = getComputedStyle(probe).color
  probe.remove()
  return value
}

/** One chart. `series`: [{label, column, colour: a variable's name, width}]; `scale`: {least: where the axis ends at least, isBytes}. */
export class Chart {
  #series; #title; #format; #scale; #plot; #holder; #summary; #data; #stopTheme; #resize

  constructor(title, unit, series, format, scale = {}) {
    this.#series = series
    this.#title = title
    this.#format = format
    this.#scale = scale
    this.#holder = h('div', { class: 'plot', role: 'img' })
    this.#summary = h('span', { class: 'now' })
    this.element = h('figure', { class: 'chart' }, h('figcaption', {}, h('span', {}, title, h('small', {}, ` ${unit}`)), this.#summary), this.#holder)
    this.#stopTheme = onTheme(() => this.#draw())
    this.#resize = new ResizeObserver(() => this.#plot?.setSize({ width: this.#holder.clientWidth, height: this.#holder.clientHeight }))
    this.#resize.observe(this.#holder)
  }

  /** @param history the API's answer */
  update(history) {
    const rows = history[this.#series[0].column].length
    const until = Date.parse(history.until) / 1000
    const times = Array.from({ length: rows }, (_, i) => until - (rows - 1 - i) * history.step_seconds)
    const isFirst = !this.#data
    this.#data = [times, ...this.#series.map(s => history[s.column])]
    const words = this.#series.map((s, i) => {
      const values = this.#data[i + 1].filter(v => v !== null)
      return values.length === 0 ? `${s.label}: nothing` : `${s.label}: ${this.#format(values.at(-1))} now, ${this.#format(Math.max(...values))} at most`
    })
    setText(this.#summary, rows === 0 ? 'the first sample comes within seconds' : '')
    this.#holder.setAttribute('aria-label', `${this.#title}, last hour. ${words.join('. ')}`)
    if (isFirst || !this.#plot) this.#draw()
    else this.#plot.setData(this.#data)
    this.#showNewest()
  }

  end() {
    this.#stopTheme()
    this.#resize.disconnect()
    this.#plot?.destroy()
  }

  /** The newest values stand in the legend while no other is pointed at. */
  #showNewest() {
    if (this.#plot && this.#data[0].length > 0 && (this.#plot.cursor.left ?? -1) < 0) this.#plot.setLegend({ idx: this.#data[0].length - 1 }, false)
  }

  #draw() {
    if (!this.#data) return
    this.#plot?.destroy()
    const [text, grid] = [colour('--quiet'), colour('--line')]
    const axis = { stroke: text, font: `11px ${css('--font')}`, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1, size: 4 } }
    this.#plot = new uPlot({
      width: this.#holder.clientWidth || 300,
      height: this.#holder.clientHeight || 160,
      padding: [8, 10, 0, 0],
      cursor: { points: { size: 5 }, drag: { x: false, y: false } },
      scales: {
        x: { range: (_, min, max) => (min === null ? [0, hour] : [Math.max(max - hour, Math.min(min, max - least)), max]) },
        y: { range: (_, min, max) => [0, Math.max(this.#scale.least ?? 1, (max ?? 0) * 1.12)] },
      },
      axes: [
        { ...axis, size: 26, space: 64, values: (_, at) => at.map(t => { const d = new Date(t * 1000); return `${String(d.getHours()).padStart(2, '0')}:${String(d.getMinutes()).padStart(2, '0')}` }), incrs: [60, 120, 300, 600, 900, 1800] },
        { ...axis, size: 62, space: 34, ...(this.#scale.isBytes && { incrs: powers }), values: (_, at) => at.map(v => this.#format(v)) },
      ],
      series: [
        { label: 'Time', value: (_, t) => t === null || t === undefined ? '–' : new Date(t * 1000).toTimeString().slice(0, 8) },
        ...this.#series.map(s => {
          const line = colour(s.colour)
          return { label: s.label, stroke: line, width: s.width ?? 1.5, fill: this.#series.length === 1 ? line.replace('rgb(', 'rgba(').replace(')', ', 0.12)') : undefined, points: { show: false }, value: (_, v) => v === null || v === undefined ? '–' : this.#format(v) }
        }),
      ],
    }, this.#data, this.#holder)
    this.#showNewest()
  }
}
