// Asks for each URL with net/http's default transport.
package main

import (
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"time"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		parts := strings.Split(strings.TrimPrefix(runtime.Version(), "go"), ".")
		fmt.Println("Go", strings.Join(parts[:2], "."), "net/http")
		return
	}
	client := http.Client{Timeout: 5 * time.Second}
	for _, url := range os.Args[1:] {
		if err := ask(&client, url); err != nil {
			fmt.Printf("failed %s: %v\n", url, err)
		} else {
			fmt.Println("ok", url)
		}
	}
}

func ask(client *http.Client, url string) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", response.Status)
	}
	return nil
}
