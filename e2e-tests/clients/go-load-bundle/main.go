// Loads each file into a pool of roots, as Go loads SSL_CERT_FILE, and prints how many certificates it has.
package main

import (
	"crypto/x509"
	"fmt"
	"os"
)

func main() {
	for _, path := range os.Args[1:] {
		pem, err := os.ReadFile(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(pem)
		fmt.Println(len(pool.Subjects()))
	}
}
