/**
 * What a terminal would show of what a node sends, line by line: ECMA-48 control sequences are obeyed as far as they
 * change the line that is being written, all others are left out. No sockets here.
 */

export class TerminalText {
  /** Lines that are complete, without their ends. */
  readonly lines: string[] = []
  #cells: string[] = []
  #cursor = 0
  #escape: string | undefined

  /** The line that is being written. */
  get line(): string {
    return this.#cells.join('')
  }

  /** Length of the line that is being written. */
  get width(): number {
    return this.#cells.length
  }

  receive(text: string): void {
    for (const character of text) {
      if (this.#escape !== undefined) this.#control(this.#escape + character)
      else if (character === '\x1b') this.#escape = ''
      else this.#write(character)
    }
  }

  /** As a pager does with its own question when it is answered. */
  eraseLine(): void {
    this.#cells = []
    this.#cursor = 0
  }

  #write(character: string): void {
    if (character === '\n') {
      this.lines.push(this.line.trimEnd())
      this.eraseLine()
    } else if (character === '\r') {
      this.#cursor = 0
    } else if (character === '\b') {
      this.#cursor = Math.max(0, this.#cursor - 1)
    } else if (character === '\t' || !/\p{Cc}/u.test(character)) {
      this.#cells[this.#cursor++] = character
    }
  }

  #control(sequence: string): void {
    this.#escape = isWhole(sequence) ? undefined : sequence
    // EL, erase in line; all else that nodes send is colour or place.
    const erase = /^\[([012]?)K$/.exec(sequence)
    if (erase === null) return
    if (erase[1] === '2') this.#cells = Array.from({ length: this.#cursor }, () => ' ')
    else if (erase[1] === '1') this.#cells.fill(' ', 0, this.#cursor)
    else this.#cells.length = Math.min(this.#cells.length, this.#cursor)
  }
}

/** A sequence that goes on for longer is none. */
const LONGEST = 256

function isWhole(sequence: string): boolean {
  if (sequence.length > LONGEST) return true
  if (sequence.startsWith('[')) return /^\[[^@-~]*[@-~]$/.test(sequence)
  if (sequence.startsWith(']')) return sequence.endsWith('\x07') || sequence.endsWith('\\')
  if (/^[()#%]/.test(sequence)) return sequence.length === 2
  return true
}
