package contact

import (
	"strings"
	"testing"

	"naober/matching/care"
)

func TestParsePhone(t *testing.T) {
	for name, row := range map[string]struct{ raw, want, code string }{
		"a mobile number with a dash":              {raw: "06-12345678", want: "+31612345678"},
		"a mobile number in groups":                {raw: " 06 12 34 56 78 ", want: "+31612345678"},
		"a number with country code":               {raw: "+31612345678", want: "+31612345678"},
		"a number with 00":                         {raw: "0031 6 12345678", want: "+31612345678"},
		"a zero in brackets after the code":        {raw: "+31 (0)6 12345678", want: "+31612345678"},
		"a landline of Assen":                      {raw: "0592 366911", want: "+31592366911"},
		"a no-break space and an en dash":          {raw: "06\u00a0\u201312345678", want: "+31612345678"},
		"a German mobile number":                   {raw: "+49 1512 3456789", want: "+4915123456789"},
		"one digit too few":                        {raw: "06-1234567", code: "contact_phone_invalid"},
		"one digit too many":                       {raw: "06-123456789", code: "contact_phone_invalid"},
		"a landline without its area":              {raw: "366911", code: "contact_phone_invalid"},
		"the emergency number":                     {raw: "112", code: "contact_phone_invalid"},
		"letters for digits":                       {raw: "0800-FLOWERS", code: "contact_phone_invalid"},
		"an extension":                             {raw: "0592 366911 ext. 12", code: "contact_phone_invalid"},
		"digits of another script":                 {raw: "٠٦١٢٣٤٥٦٧٨", code: "contact_phone_invalid"},
		"signs only":                               {raw: "+-()", code: "contact_phone_invalid"},
		"two plus signs":                           {raw: "++31612345678", want: "+31612345678"},
		"a number that costs extra":                {raw: "0900-1234567", code: "contact_phone_kind"},
		"a freephone number":                       {raw: "0800-1234567", code: "contact_phone_kind"},
		"a line break inside":                      {raw: "06\n12345678", code: "contact_phone_invalid"},
		"nothing":                                  {raw: "", code: "contact_phone_invalid"},
		"a number behind more signs than are read": {raw: strings.Repeat(" -", 20) + "6", code: "contact_phone_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParsePhone(row.raw, HomeRegion)
			expect(t, row.raw, got, err, row.want, row.code)
		})
	}
}

func TestParseMail(t *testing.T) {
	local64 := strings.Repeat("a", 64)
	domain189 := strings.Repeat("b", 61) + "." + strings.Repeat("c", 61) + "." + strings.Repeat("d", 62) + ".nl"
	for name, row := range map[string]struct{ raw, want, code string }{
		"a plain address":                         {raw: "jan@example.nl", want: "jan@example.nl"},
		"capitals on both sides":                  {raw: "Jan.De.Boer@Example.NL", want: "jan.de.boer@example.nl"},
		"spaces around":                           {raw: "  jan@example.nl\t", want: "jan@example.nl"},
		"a plus and a dash":                       {raw: "jan+naober@de-boer.nl", want: "jan+naober@de-boer.nl"},
		"a domain with an accent":                 {raw: "jan@café.nl", want: "jan@xn--caf-dma.nl"},
		"that domain already in ASCII":            {raw: "jan@xn--caf-dma.nl", want: "jan@xn--caf-dma.nl"},
		"254 bytes":                               {raw: local64 + "@" + domain189, want: local64 + "@" + domain189},
		"255 bytes":                               {raw: local64 + "@b" + domain189, code: "contact_mail_invalid"},
		"a local part of 65 bytes":                {raw: local64 + "a@example.nl", code: "contact_mail_invalid"},
		"a label of 64 bytes":                     {raw: "jan@" + local64 + ".nl", code: "contact_mail_invalid"},
		"a display name":                          {raw: "Jan <jan@example.nl>", code: "contact_mail_invalid"},
		"angle brackets only":                     {raw: "<jan@example.nl>", code: "contact_mail_invalid"},
		"a comment":                               {raw: "jan@example.nl(thuis)", code: "contact_mail_invalid"},
		"two addresses":                           {raw: "jan@example.nl,piet@example.nl", code: "contact_mail_invalid"},
		"two at signs":                            {raw: "jan@piet@example.nl", code: "contact_mail_invalid"},
		"a quoted local part":                     {raw: `"jan"@example.nl`, code: "contact_mail_invalid"},
		"a local part with an accent":             {raw: "rené@example.nl", code: "contact_mail_invalid"},
		"a header smuggled in":                    {raw: "jan@example.nl\r\nBcc: piet@example.nl", code: "contact_mail_invalid"},
		"a null byte":                             {raw: "jan\x00@example.nl", code: "contact_mail_invalid"},
		"an invisible sign":                       {raw: "jan\u200b@example.nl", code: "contact_mail_invalid"},
		"a Kelvin sign, lower case of which is k": {raw: "jan\u212a@example.nl", code: "contact_mail_invalid"},
		"two dots in the local part":              {raw: "jan..boer@example.nl", code: "contact_mail_invalid"},
		"a dot at the end of the local part":      {raw: "jan.@example.nl", code: "contact_mail_invalid"},
		"a dot at the end of the domain":          {raw: "jan@example.nl.", code: "contact_mail_invalid"},
		"a host without a dot":                    {raw: "jan@localhost", code: "contact_mail_invalid"},
		"an address literal":                      {raw: "jan@[10.0.0.1]", code: "contact_mail_invalid"},
		"an address as domain":                    {raw: "jan@10.0.0.1", code: "contact_mail_invalid"},
		"an underscore in the domain":             {raw: "jan@de_boer.nl", code: "contact_mail_invalid"},
		"no local part":                           {raw: "@example.nl", code: "contact_mail_invalid"},
		"no domain":                               {raw: "jan@", code: "contact_mail_invalid"},
		"nothing":                                 {raw: "", code: "contact_mail_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseMail(row.raw)
			expect(t, row.raw, got, err, row.want, row.code)
		})
	}
}

func TestParse(t *testing.T) {
	for name, row := range map[string]struct {
		raw  string
		want Contact
		code string
	}{
		"takes an at sign for mail":           {raw: "Jan@Example.nl", want: Contact{Mail, "jan@example.nl"}},
		"takes the rest for a phone":          {raw: "06 12345678", want: Contact{Phone, "+31612345678"}},
		"says of mail that it is mail":        {raw: "jan@", code: "contact_mail_invalid"},
		"says of words that they are neither": {raw: "jan de boer", code: "contact_invalid"},
		"says of signs that they are neither": {raw: "+-()", code: "contact_invalid"},
		"says of a number that it is none":    {raw: "12", code: "contact_phone_invalid"},
		"says of nothing that it is missing":  {raw: " \t ", code: "contact_missing"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse(row.raw, HomeRegion)
			if got != row.want || care.CodeOf(err) != row.code {
				t.Errorf("Parse(%q) = %v, %v; want %v, %q", row.raw, got, err, row.want, row.code)
			}
		})
	}
}

// expect compares, and holds that an error is Invalid, stable and silent about the input.
func expect(t *testing.T, raw, got string, err error, want, code string) {
	t.Helper()
	if got != want || care.CodeOf(err) != code {
		t.Fatalf("%q gives %q, %v; want %q, %q", raw, got, err, want, code)
	}
	if err == nil {
		return
	}
	if !care.IsKind(err, care.Invalid) {
		t.Errorf("the error %v is not Invalid", err)
	}
	if len(raw) > 3 && strings.Contains(err.Error(), raw) {
		t.Errorf("the error %q holds the input", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"06-12345678", "+31 (0)6 12345678", "Jan@Example.NL", "jan@café.nl", "\"a b\"@x.nl", "+", "@"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := Parse(raw, HomeRegion)
		if err != nil {
			if got != (Contact{}) || !care.IsKind(err, care.Invalid) {
				t.Fatalf("Parse(%q) = %v beside the error %v", raw, got, err)
			}
			return
		}
		for i := range len(got.Value) {
			if got.Value[i] <= ' ' || got.Value[i] > '~' {
				t.Fatalf("Parse(%q) = %q, which is not plain ASCII", raw, got.Value)
			}
		}
		again, err := Parse(got.Value, HomeRegion)
		if err != nil || again != got {
			t.Fatalf("Parse(%q) = %v, and parsed again %v, %v", raw, got, again, err)
		}
	})
}
