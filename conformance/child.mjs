// Runs a script of the suite in a process that ends with the one that forked it, however that ends.
// node child.mjs SCRIPT: where SCRIPT listens, it gets a free port of loopback, which is sent to the parent.
import net from 'node:net'
import { pathToFileURL } from 'node:url'

process.on('disconnect', () => process.exit(1))
// What only waits for the parent's end is done.
process.channel.unref()

const listen = net.Server.prototype.listen
net.Server.prototype.listen = function () {
  this.once('listening', () => process.send({ port: this.address().port }))
  // The suite's own choice is a fixed port on all addresses.
  return listen.call(this, 0, '127.0.0.1')
}

await import(pathToFileURL(process.argv[2]))
