/**
 * Random numbers that are the same for the same seed and input number on every machine, so that any input can be
 * made again alone. The generator is sfc32 (Doty-Humphrey, PractRand), which needs no state but four integers.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: number, index: number) {
    this.#a = seed | 0
    this.#b = index | 0
    this.#c = Math.floor(index / 0x1_0000_0000) | 0
    for (let round = 0; round < 12; round++) this.next()
  }

  /** 32 bits, unsigned. */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** From 0 up to, but without, `limit`. */
  below(limit: number): number {
    return limit < 1 ? 0 : this.next() % limit
  }

  /** Once in so many times. */
  oneIn(times: number): boolean {
    return this.below(times) === 0
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let index = 0; index < length; index++) bytes[index] = this.next() & 0xff
    return bytes
  }
}
