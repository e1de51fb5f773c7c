/**
 * In which line of a TOML text a setting stands, for a person who mends it. The parser does not tell; this looks at
 * headings and keys alone, so inside a text of several lines it may be taken in, and a line is a hint.
 */

/** From 1: the line of the setting, else of the nearest table that holds it; undefined for none. */
export function settingLine(text: string, setting: readonly PropertyKey[]): number | undefined {
  const wanted = setting.map(String)
  let best = 0
  let line: number | undefined
  let table: readonly string[] = []
  const counts = new Map<string, number>()
  for (const [index, content] of text.split('\n').entries()) {
    const heading = /^\s*(\[\[?)\s*([^\]]+?)\s*\]/.exec(content)
    const key = /^\s*((?:[A-Za-z0-9_-]+|"[^"]*")(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"))*)\s*=/.exec(content)
    let path: readonly string[] | undefined
    if (heading?.[2] !== undefined) {
      table = enter(keysOf(heading[2]), heading[1] === '[[', counts)
      path = table
    } else if (key?.[1] !== undefined) path = [...table, ...keysOf(key[1])]
    if (path === undefined || path.length <= best || !path.every((part, at) => part === wanted[at])) continue
    best = path.length
    line = index + 1
  }
  return line
}

const keysOf = (text: string): string[] =>
  text.split('.').map((part) => part.trim().replace(/^"(.*)"$/, '$1'))

/** `[[clusters.nodes]]` is the next node of the latest cluster: `clusters.0.nodes.1`. */
function enter(keys: readonly string[], isNew: boolean, counts: Map<string, number>): readonly string[] {
  let path: string[] = []
  for (const [index, key] of keys.entries()) {
    path = [...path, key]
    const name = path.join('.')
    const isLast = index === keys.length - 1
    if (isLast && isNew) counts.set(name, (counts.get(name) ?? -1) + 1)
    const count = counts.get(name)
    if (count !== undefined) path = [...path, String(count)]
  }
  return path
}
