<?php
// Guzzle, which most programs in PHP use.
require '/usr/share/php/GuzzleHttp/autoload.php';

if (array_slice($argv, 1) === ['--version']) {
    $version = trim(shell_exec("dpkg-query --show --showformat='\${Version}' php-guzzlehttp-guzzle"));
    echo 'Guzzle ', preg_replace('/^(\d+\.\d+).*/', '$1', $version), "\n";
    exit;
}
$client = new GuzzleHttp\Client(['timeout' => 5]);
foreach (array_slice($argv, 1) as $url) {
    try {
        $client->get($url);
        echo "ok $url\n";
    } catch (GuzzleHttp\Exception\GuzzleException $error) {
        echo "failed $url: ", strtok($error->getMessage(), "\n"), "\n";
    }
}
