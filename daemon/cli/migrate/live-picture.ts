/** A text on a terminal that takes the place of the one before. */

export interface PictureSize {
  readonly columns: number
  readonly rows: number
}

/** It may change meanwhile; a terminal that does not know says 0. */
const sizeNow = (): PictureSize => ({
  columns: process.stdout.columns || 80,
  rows: process.stdout.rows || 24,
})

export function livePicture(
  print: (text: string) => void,
  size: () => PictureSize = sizeNow,
): (text: string) => void {
  let shown = ''
  let rows = 0
  return (text) => {
    const lines = cutToSize(text.replace(/\n$/, '').split('\n'), size())
    const picture = lines.join('\n')
    if (picture === shown) return
    // ECMA-48: up so many lines, and erase from there to the end of the screen.
    print(`${rows > 0 ? `\x1b[${rows}A\x1b[J` : ''}${picture}\n`)
    shown = picture
    rows = heightOf(lines, size())
  }
}

// SGR sequences take no column.
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what a colour begins with.
const colours = /\x1b\[\d+m/g

/** A line that is longer than the screen is wide takes several rows of it. */
const heightOf = (lines: readonly string[], { columns }: PictureSize): number =>
  lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.replace(colours, '').length / columns)), 0)

/** What does not fit is left out below the first line: what is to be done stands at the end. */
function cutToSize(lines: readonly string[], size: PictureSize): readonly string[] {
  const [head = '', ...rest] = lines
  let kept = rest
  while (kept.length > 1 && heightOf([head, '  …', ...kept], size) >= size.rows) kept = kept.slice(1)
  return heightOf(lines, size) < size.rows ? lines : [head, '  …', ...kept]
}
