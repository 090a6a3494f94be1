// Package vault keeps the keys under which personal data is sealed, and the index of contacts, in a
// key store of its own that no backup of the data holds. It wraps every key under the service key,
// lends opened keys to the stores for a short while, and ends them so that nothing opens again what
// was sealed with them. It knows no database: each store brings the documents it stands on.
package vault
