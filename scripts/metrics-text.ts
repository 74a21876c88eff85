// The table of docs/reference/metrics.md, made from the list of metrics. `npm run docs` writes it; test/house checks
// that it is current.

import { metrics } from '../src/app/http/metrics.ts'

/** Every metric with its labels and its meaning. */
export function metricsText(): string {
  const rows = Object.entries(metrics).map(([name, metric]) => {
    const label = 'labels' in metric ? `{${metric.labels.join(',')}}` : ''
    return `| \`${name}${label}\` | gauge | ${metric.help} |`
  })
  return ['| metric | type | meaning |', '|---|---|---|', ...rows].join('\n')
}
