package api_test

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// reading are the calls that turn text or bytes into values. A function with one of them is a parser.
func reading() *regexp.Regexp {
	return regexp.MustCompile(`^(json\.(Unmarshal|NewDecoder)|bson\.(Unmarshal\w*|Raw)|strconv\.(Atoi|Parse\w+)|time\.(Parse|ParseDuration|ParseInLocation|LoadLocation)` +
		`|netip\.(ParseAddr|ParsePrefix|ParseAddrPort)|net\.(ParseIP|SplitHostPort)|mail\.ParseAddress|netmail\.ParseAddress|url\.(Parse|ParseQuery|ParseRequestURI)` +
		`|ulid\.Parse\w*|hex\.DecodeString|base64\.\w+\.DecodeString|phonenumbers\.Parse|rrule\.(StrTo\w+|NewRRule)|jwt\.NewParser|mime\.ParseMediaType|csv\.NewReader` +
		`|pem\.Decode|x509\.Parse\w+|yaml\.Unmarshal|regexp\.Compile|http\.ParseTime|checksum|flag\.NewFlagSet)$`)
}

// ours are the folders whose parsers read only what our own tests and demo write.
func ours() []string {
	return []string{"api/cmd/naober/demo", "api/cmd/naober/faults", "api/cmd/naober/handset", "api/cmd/naober/story", "api/cmd/naober/bench", "api/cmd/naober/bench/peers", "api/cmd/naober/soak", "api/cmd/naober/soak/fleet", "api/store/storetest", "notifications/fcm/fcmtest"}
}

// parsers says which fuzz target, of the same folder where it names no other, tries each function that
// reads something; or, after a dash, why what it reads does not come from outside.
func parsers() map[string]string {
	return map[string]string{
		"api/rest checkBody":                 "FuzzBody",
		"api/rest decodeBody":                "FuzzBody",
		"api/rest members":                   "- the tags of our own shapes",
		"api/rest decode":                    "- a media type, by mime's own reader; TestHostileBodies sends others",
		"api/rest parseNonce":                "FuzzIdempotencyKey",
		"api/rest parseTag":                  "FuzzIfMatch",
		"api/rest readHeads":                 "FuzzHeads",
		"api/rest split":                     "FuzzMutation",
		"api/rest idArg":                     "FuzzMutation",
		"api/rest page":                      "FuzzQuery",
		"api/rest planDate":                  "FuzzQuery",
		"api/rest period":                    "FuzzQuery",
		"api/rest degrees":                   "FuzzQuery",
		"api/rest address":                   "FuzzAddress",
		"api/rest trusts":                    "FuzzAddress",
		"api/rest trusted":                   "FuzzProxies",
		"mobile-contract/wire UnmarshalJSON": "FuzzInstant",
		"mobile-contract/bundle Read":        "FuzzBundle",
		"mobile-contract/bundle Open":        "FuzzBundle",
		"mobile-contract/client read":        "FuzzAnswer",
		"mobile-contract/client put":         "FuzzAnswer",
		"mobile-contract/client show":        "- what the store itself wrote",
		"mobile-contract/client readKey":     "- the device's own key",
		"mobile-contract/client Import":      "- what the service has sealed; whatever else comes FuzzBundle tries",
		"mobile-contract/client late":        "FuzzAnswer",
		"mobile-contract/client isObject":    "FuzzAnswer",
		"mobile-contract/client depth":       "- the app's own arguments; the exchange 58 gives deep ones",
		"mobile-contract/client serverNow":   "- what the store itself wrote",
		"mobile-contract/client DoBefore":    "- the app's own arguments; TestIntentsAreObjects gives others",

		"api/app networks":        "FuzzNetwork",
		"api/app parseTicket":     "FuzzTicket",
		"api/app parsePart":       "FuzzPart",
		"api/dossier catalog":     "- a table that ships with the program",
		"api/app readPaper":       "FuzzPaperCode",
		"api/app CreateCommunity": "- an operator's own command: a zone by name; matching/care LoadZone is tried",
		"api/offline pack":        "FuzzHeld",
		"api/offline unpack":      "FuzzHeld",
		"api/offline dismiss":     "FuzzDismissal",
		"api/offline tooOld":      "- an id that rest has read; care ParseID is tried",
		"api/contact ParsePhone":  "FuzzParse",
		"api/contact ParseMail":   "FuzzParse",
		"api/contact BSN":         "FuzzBSN",
		"api/token decodeRefresh": "FuzzRefreshVerify",
		"api/token NormalizeCode": "FuzzNormalizeCode",
		"api/token Verify":        "FuzzVerify",

		"matching/care ParseID":        "FuzzID",
		"matching/care ParseClock":     "FuzzClock",
		"matching/care ParseLocalTime": "FuzzLocalTime",
		"matching/care wall":           "FuzzLocalTime",
		"matching/care LoadZone":       "FuzzLocalTime",
		"matching/care Validate":       "FuzzAvailability",
		"matching/care NextMoment":     "FuzzQuiet",
		"matching/care validateSlots":  "FuzzSlot",
		"matching/care AppendWindows":  "FuzzAvailabilityByMinute",
		"matching/care Subtract":       "FuzzIntervalByMinute",
		"matching/index Local":         "FuzzFreeByMinute",
		"matching/care parseRule":      "FuzzSeriesRule",
		"matching/care parseUntil":     "FuzzSeriesRule",
		"matching/care checkParts":     "FuzzSeriesRule",
		"matching/care expand":         "FuzzSeriesRule",
		"matching/care isDate":         "FuzzSeriesRule",
		"matching/care near":           "FuzzSeriesRule",
		"matching/care normalise":      "FuzzEmergencyWords",
		"api/rest/sight Parse":         "- the table visibility.csv, which is ours",
		"matching/care validate":       "- a birth date, by time's own reader; testdata/badinput.csv has what it answers",
		"matching/care nearlyBorn":     "- two birth dates that validate has read",
		"matching/place parse":         "- a table that ships with the program",
		"matching/place parsePlace":    "- a table that ships with the program",
		"matching/place parseRun":      "- a table that ships with the program",

		"api/store/sqlitestore all":       "api/store/record FuzzRecord",
		"api/store/sqlitestore resealOne": "api/store/record FuzzRecord",
		"api/store/sqlitestore scan":      "api/store/record FuzzRecord",
		"api/store/sqlitestore verdicts":  "api/store/record FuzzRecord",
		"api/store/sqlitestore Read":      "api/store/record FuzzRecord",
		"api/store/mongostore all":        "api/store/record FuzzRecord",
		"api/store/record Boxes":          "FuzzRecord",
		"api/store/record open":           "- what it reads was authenticated before; TestOpenRefuses changes it",

		"notifications/fcm retryAfter":       "FuzzAnswer",
		"notifications/fcm allows":           "- an operator's settings; TestSendCallsNoAddressThatIsNotAllowed",
		"notifications/egress ParseNetworks": "- an operator's settings; TestGuardAllowsWhatTheOperatorNamed has bad ones",
		"notifications/egress CheckHost":     "- an operator's settings; TestGuardJudgesHostsThatAreAddresses",
		"notifications/egress Control":       "- an address as net gives it; TestControlTakesTCPAlone has others",
		"notifications/fcm check":            "- an operator's settings; TestNewRefuses has bad ones",
		"notifications/fcm safeURL":          "- an operator's settings; TestNewRefuses has bad ones",
		"notifications/mail message":         "FuzzRecipient",
		"notifications/mail replyOf":         "FuzzReply",
		"notifications/mail New":             "- an operator's settings; TestNewRefuses has bad ones",
		"notifications/mail check":           "- an operator's settings; TestNewRefuses has bad ones",
		"notifications/mail splitAddr":       "- an operator's settings; TestNewRefuses has bad ones",

		"api/dossier day": "- a date that validate or isDate has read; what is none stays as it was said",

		"api/cmd/naober readConfig":          "FuzzConfig",
		"api/cmd/naober readSecret":          "FuzzConfig",
		"api/cmd/naober loopbackOnly":        "FuzzConfig",
		"api/cmd/naober readAct":             "FuzzAct",
		"api/cmd/naober readDemoOptions":     "- the demo's own command line",
		"api/cmd/naober readSyncOptions":     "- the command line of a measurement",
		"api/cmd/naober openPorts":           "- an address that our own listener gave",
		"api/cmd/naober check":               "- the demo's own command line",
		"api/cmd/naober readBackupAct":       "- a command line of three words and a flag",
		"api/cmd/naober besides":             "- a setting of serve, which readConfig reads too",
		"api/store/sqlitestore ReadManifest": "- held to the sum of the file; TestVerifyBackupFindsDamage",
		"api/store/sqlitestore auditRow":     "- what the service itself wrote; TestVerifyAuditByCommand spoils it",
		"api/app IsAnchor":                   "- an operator's own command line",
		"api/cmd/naober measureService":      "- the bench's own command line",
		"api/cmd/naober planFlags":           "- the bench's own command line",
		"api/cmd/naober measureMatch":        "- the bench's own command line",
		"api/cmd/naober readSoakOptions":     "- the soak's own command line",
		"api/cmd/naober soakServe":           "- written by the soak itself",
	}
}

// TestEveryParserIsFuzzed finds each function that reads and holds it to parsers: a new one without a
// target fails, and so does a target that is gone or has no corpus of its own.
func TestEveryParserIsFuzzed(t *testing.T) {
	targets, found, there, calls := map[string]bool{}, map[string]string{}, map[string]bool{}, reading()
	for _, s := range sources(t) {
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			switch {
			case !ok || f.Body == nil:
			case s.test() && strings.HasPrefix(f.Name.Name, "Fuzz"):
				targets[s.dir+" "+f.Name.Name] = true
			case !s.test() && !slices.Contains(ours(), s.dir):
				there[s.dir+" "+f.Name.Name] = true
				if !parses(f, calls) {
					continue
				}
				found[s.dir+" "+f.Name.Name] = s.name
			}
		}
	}
	listed := parsers()
	for name, file := range found {
		if listed[name] == "" {
			t.Errorf("%s: %s reads something: name the fuzz target that tries it in parsers, or why what it reads does not come from outside", file, name)
		}
	}
	tried := map[string]bool{}
	for name, by := range listed {
		dir, function, _ := strings.Cut(name, " ")
		if !there[name] {
			t.Errorf("%s is not there any more", name)
		}
		if why, trusted := strings.CutPrefix(by, "- "); trusted {
			if found[name] == "" || why == "" {
				t.Errorf("%s is no parser any more", name)
			}
			continue
		}
		if !strings.Contains(by, " ") {
			by = dir + " " + by
		}
		tried[by] = true
		if !targets[by] {
			t.Errorf("%s of %s is tried by %s, which is not there", function, dir, by)
		}
	}
	for target := range targets {
		dir, name, _ := strings.Cut(target, " ")
		corpus, err := os.ReadDir(filepath.Join("..", dir, "testdata", "fuzz", name))
		if err != nil || len(corpus) == 0 {
			t.Errorf("%s has no corpus in testdata/fuzz", target)
		}
		if !tried[target] {
			t.Errorf("%s tries nothing in the list of parsers", target)
		}
	}
}

// parses reports whether a function calls one of reading.
func parses(f *ast.FuncDecl, calls *regexp.Regexp) bool {
	found := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		name := selector(call.Fun)
		if deep, ok := call.Fun.(*ast.SelectorExpr); ok && name == "" {
			name = selector(deep.X) + "." + deep.Sel.Name // base64.RawURLEncoding.DecodeString
		}
		found = found || calls.MatchString(name)
		return true
	})
	return found
}
