/** What is told as one sentence, and ends the run with a status: 1 it could not run, 2 the command line is wrong. */
export class Failure extends Error {
  constructor (message, status = 1) {
    super(message)
    this.status = status
  }
}
