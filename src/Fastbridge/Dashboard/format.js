// Numbers and times as people read them.

const whole = new Intl.NumberFormat('en')
const one = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

export const count = n => whole.format(n)

/** A rate: a tenth below 100, whole above. */
export const rate = n => (n > 0 && n < 100 ? one : whole).format(n >= 100 ? Math.round(n) : n)

export function bytes(n) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let unit = 0
  while (n >= 1024 && unit < units.length - 1) {
    n /= 1024
    unit++
  }
  return `${unit === 0 || n >= 100 ? whole.format(Math.round(n)) : one.format(n)} ${units[unit]}`
}

export const milliseconds = n => n === null || n === undefined ? '–' : n < 10 ? `${one.format(n)} ms` : n < 10000 ? `${whole.format(Math.round(n))} ms` : `${one.format(n / 1000)} s`

export const percent = part => part > 0 && part < 0.01 ? '<1%' : `${Math.round(part * 100)}%`

/** How long, in one or two units. */
export function duration(seconds) {
  seconds = Math.max(0, Math.round(seconds))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`
  return `${Math.floor(seconds / 86400)} d ${Math.floor(seconds % 86400 / 3600)} h`
}

/** How long ago; `now` is the bridge's clock, which may differ from this machine's. */
export const ago = (time, now) => time ? `${duration((now - Date.parse(time)) / 1000)} ago` : 'never'

const two = n => String(n).padStart(2, '0')

/** Date and time in this machine's zone, always in the same form. */
export function dateTime(time) {
  const t = new Date(time)
  return `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())} ${clock(time)}`
}

export function clock(time) {
  const t = new Date(time)
  return `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`
}
