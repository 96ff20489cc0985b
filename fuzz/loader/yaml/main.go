// Reads YAML with the library of kubectl. A request is the length of a text, four bytes, the first one the highest, and the text; the answer is
// a line: the document as JSON, or what is wrong.
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strings"

	"sigs.k8s.io/yaml"
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
		fmt.Println(read(text))
	}
}

func read(text []byte) string {
	json, err := yaml.YAMLToJSON(text)
	if err != nil {
		return "refused: " + strings.ReplaceAll(err.Error(), "\n", " ")
	}
	return string(json)
}
