# LWP reads the proxy variables if the program asks for it, which most do.
use strict;
use warnings;
use LWP::UserAgent;

if ("@ARGV" eq '--version') {
    print "LWP $LWP::UserAgent::VERSION\n";
    exit;
}

my $agent = LWP::UserAgent->new(env_proxy => 1, timeout => 5);
for my $url (@ARGV) {
    my $response = $agent->get($url);
    print $response->is_success ? "ok $url\n" : "failed $url: " . $response->status_line . "\n";
}
