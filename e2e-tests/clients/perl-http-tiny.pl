# HTTP::Tiny, Perl's own. It reads the proxy variables by itself.
use strict;
use warnings;
use HTTP::Tiny;

if ("@ARGV" eq '--version') {
    print "HTTP::Tiny $HTTP::Tiny::VERSION\n";
    exit;
}

my $client = HTTP::Tiny->new(timeout => 5);
for my $url (@ARGV) {
    my $response = $client->get($url);
    my ($reason) = split /\n/, $response->{status} == 599 ? $response->{content} : $response->{status};
    print $response->{success} ? "ok $url\n" : "failed $url: $reason\n";
}
