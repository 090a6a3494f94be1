// Package client is a client of the sync contract without any screen: what an app for Android or iOS does between
// its screens and the service, as a reference to read and to run. It knows nothing but this folder.
//
// What a person does is on disk before Do returns and leaves the outbox only when the service has said what became
// of it and a complete pull has brought the effect. What the service shows is on disk too and is read from there,
// with or without a connection; a device forgets by itself what ends at a known time.
//
// Exported names hold to what gomobile can bind: no channels, no generics, lists and documents as JSON.
package client
