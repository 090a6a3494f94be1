package care

import (
	"slices"
	"strings"
	"testing"
)

func TestEmergencyWordsHears(t *testing.T) {
	for text, key := range map[string]string{
		"Bel 112!":                                   "call_112",
		"moet ik 112 bellen?":                        "call_112",
		"1-1-2 graag":                                "call_112",
		"een een twee bellen":                        "call_112",
		"Bel 112. Hoofdstraat 5 in Rolde":            "call_112",
		"Ik woon in Rolde, bel 112":                  "call_112",
		"wij wonen op de Hullen bel 112":             "call_112",
		"brand in huis 112 bellen":                   "call_112",
		"opa van 85 bel 112 aub":                     "call_112",
		"112":                                        "call_112",
		"Er moet een ambulance komen":                "call_112",
		"please call 911":                            "call_112",
		"Ik heb pijn op de borst":                    "chest_pain",
		"PIJN OP MIJN BORST":                         "chest_pain",
		"pijn in zijn linker borst":                  "chest_pain",
		"erge druk op de borst sinds vanmiddag":      "chest_pain",
		"volgens mij heeft hij een hartaanval":       "chest_pain",
		"chest pain since this morning":              "chest_pain",
		"mijn man kan niet ademen":                   "cannot_breathe",
		"Ze krijgt geen adem meer":                   "cannot_breathe",
		"ik krijg bijna geen lucht":                  "cannot_breathe",
		"Ik ben zo benauwd":                          "cannot_breathe",
		"hij stikt in een stuk appel":                "cannot_breathe",
		"I can't breathe":                            "cannot_breathe",
		"moeder is bewusteloos":                      "unconscious",
		"buurman is flauwgevallen in de tuin":        "unconscious",
		"ik krijg haar niet meer wakker":             "unconscious",
		"Hij reageert niet":                          "unconscious",
		"she won't wake up":                          "unconscious",
		"vader heeft een beroerte":                   "stroke",
		"haar mond hangt scheef":                     "stroke",
		"hij spreekt ineens wartaal":                 "stroke",
		"een beroerte gehad, tien minuten geleden":   "stroke",
		"hij bloedt heel erg":                        "heavy_bleeding",
		"er is overal bloed":                         "heavy_bleeding",
		"het bloeden wil niet stoppen":               "heavy_bleeding",
		"she is bleeding heavily":                    "heavy_bleeding",
		"ik denk aan zelfmoord":                      "suicide",
		"Ik wil niet meer leven":                     "suicide",
		"ik wil dood":                                "suicide",
		"ze wil er een einde aan maken":              "suicide",
		"suïcidaal":                                  "suicide",
		"su\u0069\u0308cide":                         "suicide",
		"I want to die":                              "suicide",
		"brand in de keuken":                         "fire",
		"Het huis staat in brand":                    "fire",
		"de rookmelder gaat af":                      "fire",
		"the kitchen is on fire":                     "fire",
		"ik ruik gas":                                "gas",
		"gevallen en kan niet opstaan":               "fallen",
		"Ik ben gevallen, ik kan niet meer overeind": "fallen",
		"buurvrouw ligt al een uur op de grond":      "fallen",
		"hij is van de trap gevallen":                "fallen",
		"I have fallen and I can't get up":           "fallen",
		"het kind heeft bleekmiddel gedronken":       "poisoning",
		"ze heeft te veel pillen genomen":            "poisoning",
		"he took an overdose":                        "poisoning",
		"hij heeft een epileptische aanval":          "seizure",
		"er is iemand in het kanaal gevallen":        "drowning",
		"er is een inbreker in huis":                 "violence",
		"ik word geslagen":                           "violence",
		"ernstig ongeluk op de Hoofdstraat 112":      "accident",
		"Nee, benauwd is hij wel":                    "cannot_breathe",
	} {
		t.Run(text, func(t *testing.T) {
			if got := EmergencyWords(text); !slices.Contains(got, key) {
				t.Errorf("got %v, want %s", got, key)
			}
		})
	}
}

func TestEmergencyWordsPassesFalseFriends(t *testing.T) {
	for _, text := range []string{
		"",
		"Wie kan donderdag boodschappen voor mij doen?",
		"Ik woon aan de Hoofdstraat 112",
		"Hoofdstraat 112, Grolloo",
		"huisnummer 112",
		"op nummer 112 brandt licht",
		"Adres: De Hullen 112",
		"met bus 112 naar Assen",
		"lijn 112 rijdt niet",
		"het kost 112 euro",
		"€ 112 voor de kapper",
		"112,50 betaald",
		"1.112 stappen gezet",
		"het is 112 km rijden",
		"Mijn tante is 112 jaar",
		"bel 0592 112 334",
		"mijn nummer is 06-11211212",
		"kamer 112 in het ziekenhuis",
		"psalm 112 zingen",
		"bloeddruk 112 over 70",
		"een puzzel van 999 stukjes",
		"bij de brandweerkazerne",
		"brandhout kloven",
		"brandschoon huis",
		"wie wil brandnetels wieden?",
		"een nieuwe brandblusser ophangen",
		"I need help choosing a brand new phone",
		"which brand of cat food?",
		"hartstikke bedankt",
		"hartelijk dank",
		"het is benauwd weer",
		"wat is het benauwd vandaag",
		"geen pijn op de borst",
		"zonder ambulance naar huis gekomen",
		"het stikt van de muggen in de tuin",
		"gordijnen stikken op de naaimachine",
		"de band heeft geen lucht meer",
		"bloed prikken in het ziekenhuis",
		"bloemen water geven",
		"borstcrawl leren",
		"een nieuwe borstel nodig",
		"mijn man had vorig jaar een beroerte",
		"na een hersenbloeding loop ik slecht",
		"herstellend van een hartinfarct",
		"de boom is dood en moet weg",
		"dode takken snoeien",
		"sinds de dood van mijn man ben ik alleen",
		"ik wil na zijn dood zijn spullen opruimen",
		"de bladeren zijn gevallen",
		"het viel niet mee",
		"opvallend mooi weer",
		"ik kan niet vroeg opstaan",
		"pillendoosje vullen",
		"medicijnen ophalen bij de apotheek",
		"gasfles omruilen",
		"de gasmeter aflezen",
		"de trap stofzuigen",
		"in de vijver zwemmen eenden",
		"met het mes aardappels schillen",
		"the fireplace needs wood",
		"can someone run over to the shop?",
		"we fell in love with Drenthe",
	} {
		t.Run(text, func(t *testing.T) {
			if got := EmergencyWords(text); len(got) != 0 {
				t.Errorf("got %v, want nothing", got)
			}
		})
	}
}

func TestEmergencyWordsListsEachOnceInOrder(t *testing.T) {
	got := EmergencyWords("Brand! Bel 112, bel 112! Hij is bewusteloos, er is brand en hij is benauwd")
	if want := []string{"call_112", "cannot_breathe", "unconscious", "fire"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestEmergencyPhrasesAreWrittenAsNormaliseLeavesThem(t *testing.T) {
	seen := map[string]bool{}
	for _, phrase := range emergencyPhrases() {
		if seen[phrase.key] {
			t.Errorf("%s stands twice", phrase.key)
		}
		seen[phrase.key] = true
		for _, way := range phrase.ways {
			bare := strings.NewReplacer("|", " ", "*", "", "_", " ").Replace(way)
			if strings.Join(normalise(bare), " ") != strings.Join(strings.Fields(bare), " ") {
				t.Errorf("%s: %q can never be heard: words become %v", phrase.key, way, normalise(bare))
			}
		}
	}
}

func FuzzEmergencyWords(f *testing.F) {
	f.Add("Bel 112! 1.1.2, 112,")
	f.Add("pijn\x00 op\xff de bórst €112")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4000 {
			return
		}
		EmergencyWords(text)
	})
}
