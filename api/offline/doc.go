// Package offline is the server's side of the sync contract in mobile-contract: it takes over what devices did
// without a connection, and brings what each of them holds to what its person may see now.
//
// An intent that is pushed runs the very code of its REST route, under its nonce in the same ledger; this
// package counts them, keeps their order and remembers refusals. A pull shows whatever the account may see at
// that moment and tells a device the difference to what it holds: nothing is remembered of what was taken
// away. It knows no kind of document and no rule of the trade; it gets both through Actor and Library.
//
// No two documents are ever written together. An intent is judged in the ledger and in the one document it
// changes, then its refusal is written down, then its writer's count moves on: after a crash anywhere in
// between the same push again does what is left.
package offline
