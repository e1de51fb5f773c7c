/** Setup cannot go on; the message is for the person and may have several lines. */
export class SetupFailure extends Error {
  /**
   * @param {string} message
   * @param {number} exitCode
   */
  constructor(message, exitCode = 1) {
    super(message)
    this.name = 'SetupFailure'
    this.exitCode = exitCode
  }
}
