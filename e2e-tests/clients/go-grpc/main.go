// grpc-go: a health check at each URL's host, with TLS for https.
package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	health "google.golang.org/grpc/health/grpc_health_v1"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		parts := strings.Split(grpc.Version, ".")
		fmt.Println("grpc-go", strings.Join(parts[:2], "."))
		return
	}
	for _, url := range os.Args[1:] {
		if err := ask(url); err != nil {
			fmt.Printf("failed %s: %s\n", url, strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println("ok", url)
		}
	}
}

func ask(address string) error {
	destination, err := url.Parse(address)
	if err != nil {
		return err
	}
	port, transport := "80", grpc.WithInsecure()
	if destination.Scheme == "https" {
		port, transport = "443", grpc.WithTransportCredentials(credentials.NewTLS(nil))
	}
	target := destination.Host
	if destination.Port() == "" {
		target += ":" + port
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	connection, err := grpc.DialContext(ctx, target, transport)
	if err != nil {
		return err
	}
	defer connection.Close()
	_, err = health.NewHealthClient(connection).Check(ctx, &health.HealthCheckRequest{})
	return err
}
