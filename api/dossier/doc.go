// Package dossier writes what somebody asked to have of themselves as a page in plain words: one HTML
// document that needs no script, prints, and reads well on a phone and aloud. It shows the shapes of
// package wire and nothing beside them; who may see what was decided where they were made.
//
// Its words stand in words.csv, Dutch at B1 level and English. A field without a word fails the tests.
package dossier
