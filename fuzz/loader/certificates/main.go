// Loads certificates as Go's clients do. A request is the length of a PEM text, four bytes, the first one the highest, and the text; the answer is a line:
// how many certificates it has, or why one of them does not load.
package main

import (
	"bufio"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"io"
	"os"
)

func main() {
	in := bufio.NewReader(os.Stdin)
	for {
		var length uint32
		if binary.Read(in, binary.BigEndian, &length) != nil {
			return
		}
		text := make([]byte, length)
		if _, err := io.ReadFull(in, text); err != nil {
			return
		}
		fmt.Println(load(text))
	}
}

func load(text []byte) string {
	count := 0
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return err.Error()
		}
		count++
	}
	return fmt.Sprint(count)
}
