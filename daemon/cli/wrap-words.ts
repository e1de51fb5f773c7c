/** Breaks between words so that no line is longer than `width`; lines after the first are indented. */
export function wrapWords(text: string, indent: number, width = 80): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1] ?? ''
    if (line !== '' && line.length + word.length + 1 > width - indent) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.join(`\n${' '.repeat(indent)}`)
}
