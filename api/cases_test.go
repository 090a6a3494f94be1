package api_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// hardCase is one of the hard cases of working without a connection, with the tests that stand for it. A test is
// named by the folder of its file below the top of the tree and its name; a name of a TypeScript test is the
// beginning of its title.
type hardCase struct {
	nr     int
	name   string
	server []string // the service, on both stores where not said otherwise
	goes   []string // the client in Go
	typed  []string // the client in TypeScript
	note   string
}

const (
	rest   = "api/rest."
	inApp  = "api/app."
	golang = "mobile-contract/client."
	typing = "mobile-contract/app/test: "
)

// in names tests of one place.
func in(place string, names ...string) []string {
	for i := range names {
		names[i] = place + names[i]
	}
	return names
}

// hardCases are all of them, in the order of their numbers. What the service alone decides has no test of a client,
// and what a device alone decides none of the service.
func hardCases() []hardCase {
	return []hardCase{
		{nr: 1, name: "duplicate push, also at once", server: in(rest, "TestCase01TheSamePushTwiceAndAtOnce", "TestPushRunsEachIntentOnce")},
		{nr: 2, name: "the answer to a push is lost", server: in(rest, "TestCase02AnAnswerToAPushIsLost"), goes: in(golang, "TestCase02And03AnAnswerThatIsLostIsAskedForAgain"),
			typed: in(typing, "case 2:", "the service, case 2:")},
		{nr: 3, name: "the answer to a pull is lost", server: in(rest, "TestCase03AnAnswerToAPullIsLost"), goes: in(golang, "TestCase02And03AnAnswerThatIsLostIsAskedForAgain"),
			typed: in(typing, "case 3:")},
		{nr: 4, name: "ids out of order in one push", server: in(rest, "TestCase04IDsOutOfOrderStopTheRest")},
		{nr: 5, name: "an intent from the future", server: in(rest, "TestCase05AnIntentFromTheFutureLeavesNothing")},
		{nr: 6, name: "ids that are none", server: in(rest, "TestCase06IDsThatAreNone")},
		{nr: 7, name: "a name that nobody knows, arguments that are wrong", server: in(rest, "TestCase07WhatNobodyKnowsIsRefusedAndTheRestGoesOn")},
		{nr: 8, name: "the store is away in the middle of a push", server: in(rest, "TestCase08AStoreThatIsAwayInTheMiddle")},
		{nr: 9, name: "the program fails each time", server: in(rest, "TestCase09AnIntentThatFailsEachTimeIsGivenUp")},
		{nr: 10, name: "nobody knows whether it was committed", server: in(rest, "TestCase10NobodyKnowsWhetherItWasCommitted")},
		{nr: 11, name: "the process is killed between two writes", server: slices.Concat(in(rest, "TestCase11EveryCallOfAPushIsCutShort"), in(inApp, "TestCrashPoints", "TestAResendAfterEveryCrash"))},
		{nr: 12, name: "the answer to a refusal is lost", server: in(rest, "TestCase12ARefusalWhoseAnswerIsLostComesByPull")},
		{nr: 13, name: "a refusal is dismissed, here or elsewhere", server: in(rest, "TestCase13ARefusalIsDismissedOnAnotherDevice"), goes: in(golang, "TestCase13And15ARefusalIsShownUntilItIsTaken"),
			typed: in(typing, "case 13:", "the service, case 13:")},
		{nr: 14, name: "what a refused intent showed is rolled back", typed: in(typing, "case 14:", "the service, case 14 and 15:"),
			note: "the client in Go lays nothing over its documents"},
		{nr: 15, name: "two dependent intents, the first refused", server: in(rest, "TestCase15TheSecondIsJudgedByItself"), goes: in(golang, "TestCase13And15ARefusalIsShownUntilItIsTaken"),
			typed: in(typing, "case 15:", "the service, case 14 and 15:")},
		{nr: 16, name: "the store of one account under the token of another", server: in(rest, "TestCase16TheStoreOfOneUnderTheTokenOfAnother", "TestCase16And53AStoreIsOneAccounts"),
			typed: in(typing, "the service, case 16 and 53:")},
		{nr: 17, name: "a writer of another group or account", server: in(rest, "TestCase17AWriterOfAnotherGroup", "TestPushRefusesWhatIsNobodys")},
		{nr: 18, name: "two accounts on one device", goes: in(golang, "TestCase18TwoAccountsOnOneDevice"), typed: in(typing, "case 18:", "the service, case 18:")},
		{nr: 19, name: "two devices of one person do the same", server: in(rest, "TestCase19TwoDevicesDoTheSame"), typed: in(typing, "the service, case 19:")},
		{nr: 20, name: "two devices edit the same", server: in(rest, "TestCase20TwoDevicesEditInTheOrderOfArrival")},
		{nr: 21, name: "a restored backup, a cloned phone", server: in(rest, "TestCase21ARestoredPhoneForks", "TestCase21ACopiedPhoneAndItsCopyComeToRest"), goes: in(golang, "TestCase21AForkNumbersAnewAndLaterLeavesTheStore"),
			typed: in(typing, "case 21: a restored", "case 21: a fork", "the service, case 21:")},
		{nr: 22, name: "a clone of a clone", server: in(rest, "TestCase22ACloneOfAClone")},
		{nr: 23, name: "a pull finds the fork before a push", goes: in(golang, "TestCase23ACountBeyondWhatWasGivenOut"),
			typed: in(typing, "case 23: a fork", "case 23: a count")},
		{nr: 24, name: "two live devices share a store", server: in(rest, "TestCase24TwoDevicesThatShareAStore"), goes: in(golang, "TestCase24AWriterThatAnotherProcessClosedGivesOutNoNumber")},
		{nr: 25, name: "the service comes back from a backup, under another epoch", server: in(rest, "TestCase25AnotherEpochTakesNoOldCookie", "TestCase25And26TheServiceWasRestored"), goes: in(golang, "TestCase25TheJournalComesBackInItsOrder", "TestCase25TheJournalOfAStoreThatWasGivenUpIsNumberedAnew"),
			typed: in(typing, "case 25:", "the service, case 25:"),
			note:  "data go back on the embedded store alone: on MongoDB the operator's tools do that"},
		{nr: 26, name: "the service comes back and says nothing", server: in(rest, "TestCase25And26TheServiceWasRestored", "TestCase26ACountThatWentBackIsFoundByAPull"), goes: in(golang, "TestCase26ACountThatWentBackSendsAgain"),
			typed: in(typing, "case 26:")},
		{nr: 27, name: "the journal is too short after a restore", goes: in(golang, "TestCase27AJournalThatIsTooShort"),
			typed: in(typing, "case 27: where", "case 27: a journal")},
		{nr: 28, name: "a device's clock is years off", server: in(rest, "TestCase28TheDevicesClockDecidesNothing"), goes: in(golang, "TestCase28AClockThatRanAhead", "TestCase28AFirstClockThatIsYearsBehind", "TestCase28AWriterIsMadeByTheServicesClock", "TestCase28And63ANewBeginningAfterTheClockWentBack"),
			typed: in(typing, "case 28: a device", "case 28: a store", "the service, case 28:")},
		{nr: 29, name: "moderation takes a document away", server: in(rest, "TestCase29WhatIsTakenAwayGoesInTheFirstPage", "TestPullTakesAwayWhatMayNotBeSeen")},
		{nr: 30, name: "less of a document is shown at the same version", server: in(rest, "TestCase30And31WhatIsShownGrowsAndShrinksAtTheSameVersion", "TestCase30And31AYesShowsTheAddressAndABlockTakesIt")},
		{nr: 31, name: "more of a document is shown at the same version", server: in(rest, "TestCase30And31WhatIsShownGrowsAndShrinksAtTheSameVersion", "TestCase30And31AYesShowsTheAddressAndABlockTakesIt")},
		{nr: 32, name: "a document goes while an intent on it waits", server: in(rest, "TestCase32WhatIsNoLongerSeenIsRefusedWithoutTheReason"), goes: in(golang, "TestCase32And43WhatIsSentStaysUntilAPullHasIt"),
			typed: in(typing, "case 32:"),
			note:  "a helper's own question is refused as ask_not_open, whatever the reason, and not as absent"},
		{nr: 33, name: "lost and regained between two pulls", server: in(rest, "TestCase33LostAndRegainedBetweenTwoPulls")},
		{nr: 34, name: "time takes away without a write", server: in(rest, "TestCase34TimeTakesAwayWithoutAWrite")},
		{nr: 35, name: "a right is lost between two pages", server: in(rest, "TestCase35ARightThatIsLostBetweenTwoPages")},
		{nr: 36, name: "a big first sync", server: in(rest, "TestCase36ABigFirstSync", "TestPullBringsPagesThatAreWhole"), goes: in(golang, "TestCase36And37PagesAreKeptOneByOne"),
			typed: in(typing, "case 36: a first")},
		{nr: 37, name: "pages are lost on the way", server: in(rest, "TestCase37EveryThirdPageIsLost"), goes: in(golang, "TestCase36And37PagesAreKeptOneByOne")},
		{nr: 38, name: "documents change faster than pages come", server: in(rest, "TestCase38DocumentsChangeFasterThanPages")},
		{nr: 39, name: "cookies that are none", server: in(rest, "TestCase39CookiesThatAreNone")},
		{nr: 40, name: "counts advance and no document changes", server: in(rest, "TestCase40CountsAdvanceAndNoDocumentChanges")},
		{nr: 41, name: "nothing has changed", server: in(rest, "TestCase41NothingHasChanged")},
		{nr: 42, name: "pulls of one store overlap", goes: in(golang, "TestCase42APageThatIsLateIsLeft", "TestCase42And48APageThatIsLateOrUnknownIsLeft"),
			typed: in(typing, "case 42: of two", "case 42: a page is late", "case 42: a page with")},
		{nr: 43, name: "a push commits in the middle of a pull", server: in(rest, "TestCase43APushCommitsInTheMiddleOfAPull"), goes: in(golang, "TestCase32And43WhatIsSentStaysUntilAPullHasIt"),
			typed: in(typing, "case 43:")},
		{nr: 44, name: "an app that is too old to pull still hands in", server: in(rest, "TestCase44AnAppThatIsTooOldToPullStillHandsIn"), goes: in(golang, "TestCase44And46VersionsThatAreNotSpoken"),
			typed: in(typing, "case 44: an app", "case 44: who is")},
		{nr: 45, name: "an app was upgraded with old intents in its outbox", server: in(rest, "TestCase45OldNamesStillRun"), goes: in(golang, "TestCase45AStoreOfAnOlderAppIsTakenOver"),
			typed: in(typing, "case 45:")},
		{nr: 46, name: "an app was downgraded", goes: in(golang, "TestCase44And46VersionsThatAreNotSpoken"), typed: in(typing, "case 46:")},
		{nr: 47, name: "the service was downgraded", server: slices.Concat(in("api/store/sqlitestore.", "TestOpenRefusesANewerSchema"), in("api/store/mongostore.", "TestNewerSchemaIsRefused")),
			note: "an older program refuses to start, so it forgets no number"},
		{nr: 48, name: "fields, kinds, statuses and steps that nobody knows", goes: in(golang, "TestCase48WhatAnAppDoesNotKnow", "TestCase42And48APageThatIsLateOrUnknownIsLeft"),
			typed: in(typing, "case 48:")},
		{nr: 49, name: "a token ends during a push of 300", server: in(rest, "TestCase49ATokenEndsDuringAPushOf300"), goes: in(golang, "TestCase49And53ATokenEndsAndARefreshFails"),
			typed: in(typing, "case 49:", "the service, case 49:")},
		{nr: 50, name: "the token of somebody who is paused", server: in(rest, "TestCase50APausedHelper"),
			note: "the product pauses helpers and no accounts: a yes is refused by rule, and there is no code account_suspended"},
		{nr: 51, name: "signing out with something unsent", goes: in(golang, "TestCase51SigningOutWithUnsentIntents", "TestCase51WhatIsStoredIsSealed", "TestCase51AStoreThatWasGivenUpGoesOnUnderAnotherName", "TestCase51AServiceThatGivesUpEveryStore"),
			typed: in(typing, "case 51: signing", "case 51: a tab", "case 51: where", "the service, case 51: a store that was signed", "the service, case 51: a store that was given")},
		{nr: 52, name: "an account is forgotten while its device is away", server: in(rest, "TestCase52AForgottenAccountIsToldToItsDevices", "TestCase52And53NobodyElseIsToldToWipe", "TestCase52OthersLoseWhatWasOfWhoIsForgotten"), goes: in(golang, "TestCase53And54AnswersThatAreNone"),
			typed: in(typing, "case 52: an erased", "case 52: a refresh", "the service, case 52:")},
		{nr: 53, name: "401 without end, 403, a hotel's network", server: in(rest, "TestCase16And53AStoreIsOneAccounts", "TestCase52And53NobodyElseIsToldToWipe"), goes: in(golang, "TestCase53And54AnswersThatAreNone", "TestCase49And53ATokenEndsAndARefreshFails"),
			typed: in(typing, "case 53:", "the service, case 16 and 53:")},
		{nr: 54, name: "413, 429, 503", goes: in(golang, "TestCase53And54AnswersThatAreNone", "TestCase54APushIsHalvedWhereItIsTooLarge"),
			typed: in(typing, "case 54: 413", "case 54: 429", "case 54: an act")},
		{nr: 55, name: "pokes that are missed, doubled or come in between", server: in(rest, "TestEventsWakeWhomAChangeConcerns", "TestStreamsEnd"),
			typed: in(typing, "case 55: pokes", "case 55: one", "the service, case 55:", "chromium, case 55:"),
			note:  "the client in Go does not listen"},
		{nr: 56, name: "two tabs, and the one that pushes dies", typed: in(typing, "case 56:", "chromium, case 56: the tab", "chromium, case 56: a tab"),
			note: "tabs are a browser's"},
		{nr: 57, name: "killed right after the act", goes: in(golang, "TestCase57WhatWasSavedSurvivesAKill"),
			typed: in(typing, "case 57: what", "case 57: every", "chromium, case 57: a browser", "chromium, case 57: a tab")},
		{nr: 58, name: "a full disk, a store that is gone or spoilt", goes: in(golang, "TestCase58AFullDiskAndAStoreThatIsGone"),
			typed: in(typing, "case 58: a disk", "case 58: a store", "case 58: arguments", "chromium, case 58: what", "chromium, case 58: a full")},
		{nr: 59, name: "10,000 intents after months", server: in(rest, "TestCase59WhatWaitedForMonthsIsTakenInOrder", "TestPushIsCountedByIntents"), goes: in(golang, "TestCase59TenThousandThatWaitedForMonths"),
			typed: in(typing, "case 59:")},
		{nr: 60, name: "a writer that is too old", server: in(rest, "TestCase60AWriterThatIsTooOld"), goes: in(golang, "TestCase60WhatIsTooOldIsShownAndMayBeDoneAnew"),
			typed: in(typing, "case 60: what the", "case 60: what is", "the service, case 60:")},
		{nr: 61, name: "any text, any key", server: in(rest, "TestCase61AnyTextIsKeptOrRefused"), goes: in(golang, "TestCase61AnyTextAndTheOrderOfKeys"),
			typed: in(typing, "case 61:", "the service, case 61:")},
		{nr: 62, name: "the lease is over", goes: in(golang, "TestCase62And68WhatEndsIsForgottenInTime", "TestCase62AfterTheLeaseAllPagesComeAgain"),
			typed: in(typing, "case 62: after the lease the", "case 62: after the lease more")},
		{nr: 63, name: "a check that does not fit", goes: in(golang, "TestCase63ACheckThatDoesNotFit", "TestCase28And63ANewBeginningAfterTheClockWentBack"),
			typed: in(typing, "case 63:")},
		{nr: 64, name: "somebody guesses nonces, stores and bodies", server: in(rest, "TestCase64WhoGuessesLearnsNothing"),
			note: "calls to the stores are counted instead of time"},
		{nr: 65, name: "one of two processes is frozen before it writes", server: slices.Concat(in(rest, "TestCase65OneProcessIsFrozenBetweenJudgingAndWriting"), in(inApp, "TestAFirstProcessThatFreezes"))},
		{nr: 66, name: "a create is sent again before its verdict", server: in(rest, "TestCase66ACreateIsSentAgainBeforeItsVerdict")},
		{nr: 67, name: "10,000 refused intents at one document", server: in(rest, "TestCase67RefusalsDoNotGrowADocument"),
			note: "500 on MongoDB and under the race detector"},
		{nr: 68, name: "what has an end is gone without a pull", goes: in(golang, "TestCase68WhatEndedIsGoneWithoutAPull", "TestCase62And68WhatEndsIsForgottenInTime"),
			typed: in(typing, "case 68:", "the service, case 68:")},
	}
}

var (
	goTest = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	tsTest = regexp.MustCompile("(?m)^\\s*test\\([\"`](.*?)[\"`], ")
	inName = regexp.MustCompile(`^TestCase(\d\d)((?:And\d\d)*)[A-Z]`)
	inText = regexp.MustCompile(`case (\d+)(?: and (\d+))?:`)
)

// standing are the tests that there are, by place and name.
func standing(t *testing.T) map[string]bool {
	t.Helper()
	there := map[string]bool{}
	for _, top := range []string{"api", "mobile-contract/client", "mobile-contract/app/test"} {
		err := filepath.WalkDir(filepath.Join("..", top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			find, place := goTest, filepath.ToSlash(filepath.Dir(path))+"."
			switch {
			case strings.HasSuffix(path, ".test.ts"):
				find, place = tsTest, "../"+typing
			case !strings.HasSuffix(path, "_test.go"):
				return nil
			}
			raw, err := os.ReadFile(path)
			for _, m := range find.FindAllStringSubmatch(string(raw), -1) {
				there[strings.TrimPrefix(place, "../")+m[1]] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return there
}

// numbers are the cases that a test says it stands for.
func numbers(name string) []int {
	var all []int
	add := func(texts ...string) {
		for _, text := range texts {
			if n, err := strconv.Atoi(text); err == nil {
				all = append(all, n)
			}
		}
	}
	if _, title, ok := strings.Cut(name, typing); ok {
		if m := inText.FindStringSubmatch(title); m != nil {
			add(m[1:]...)
		}
		return all
	}
	if m := inName.FindStringSubmatch(name[strings.LastIndex(name, ".")+1:]); m != nil {
		add(m[1])
		add(strings.Split(m[2], "And")...)
	}
	return all
}

// TestEveryHardCaseHasItsTests holds the list: every number has a test, every test that it names is there, and every
// test that names a number stands under it.
func TestEveryHardCaseHasItsTests(t *testing.T) {
	t.Parallel()
	there, listed := standing(t), map[int][]string{}
	for i, c := range hardCases() {
		if c.nr != i+1 || c.name == "" {
			t.Errorf("case %d %q stands in place %d", c.nr, c.name, i+1)
		}
		listed[c.nr] = slices.Concat(c.server, c.goes, c.typed)
		if len(listed[c.nr]) == 0 {
			t.Errorf("case %d, %s, has no test", c.nr, c.name)
		}
		if c.note != "" {
			t.Logf("case %d, %s: %s", c.nr, c.name, c.note)
		}
		for _, name := range listed[c.nr] {
			if !there[name] && !slices.ContainsFunc(keysOf(there), func(full string) bool { return strings.Contains(name, typing) && strings.HasPrefix(full, name) }) {
				t.Errorf("case %d, %s: there is no test %s", c.nr, c.name, name)
			}
		}
	}
	if n := len(hardCases()); n != 68 {
		t.Errorf("%d cases", n)
	}
	for name := range there {
		for _, nr := range numbers(name) {
			if !slices.ContainsFunc(listed[nr], func(l string) bool { return l == name || strings.Contains(name, typing) && strings.HasPrefix(name, l) }) {
				t.Errorf("%s says that it stands for case %d and is not listed there", name, nr)
			}
		}
	}
}

func keysOf(m map[string]bool) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	return keys
}
