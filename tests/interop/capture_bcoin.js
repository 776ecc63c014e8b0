// Decodes blocks and transactions by bcoin, encodes them again, and prints what it found.
//
// Usage: node capture_bcoin.js DIRECTORY_OF_NODE_MODULES < LINES, each "COMMAND HEX" (a payload of a message). Prints a
// line for each: of a block its hash, then of every transaction (of a tx message: of the only one)
// "TXID,WTXID,VIRTUAL_BYTES". Exit code: 0 all bytes came out as they went in and commit to what they should, 1 not.
'use strict';

const path = require('path');
const readline = require('readline');

// bcoin is installed without its compiled parts; their substitutes in JavaScript are chosen here.
process.env.NODE_BACKEND = 'js';
const modules = path.resolve(process.argv[2], 'bcoin', 'lib');
const Block = require(path.join(modules, 'primitives', 'block'));
const TX = require(path.join(modules, 'primitives', 'tx'));

const told = (tx) => `${tx.txid()},${tx.wtxid()},${tx.getVirtualSize()}`;

function read(command, bytes) {
  const found = (command === 'block' ? Block : TX).fromRaw(bytes);
  found.refresh(true);  // else it would give back the bytes that it has kept
  if (!found.toRaw().equals(bytes))
    throw new Error(`other bytes when encoded again: ${command} ${found.rhash()}`);
  if (command === 'tx')
    return told(found);
  if (!found.verify())
    throw new Error(`bcoin refuses block ${found.rhash()}`);
  const commitment = found.getCommitmentHash();
  if (found.hasWitness() !== (commitment !== null) || (commitment && !commitment.equals(found.createCommitmentHash())))
    throw new Error(`block ${found.rhash()} commits to other witnesses`);
  return [found.rhash(), ...found.txs.map(told)].join(' ');
}

readline.createInterface({input: process.stdin}).on('line', (line) => {
  const [command, hex] = line.split(' ');
  console.log(read(command, Buffer.from(hex, 'hex')));
});
