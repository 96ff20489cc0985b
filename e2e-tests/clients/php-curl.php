<?php
// PHP's curl extension.
if (array_slice($argv, 1) === ['--version']) {
    echo 'PHP ', PHP_MAJOR_VERSION, '.', PHP_MINOR_VERSION, " curl\n";
    exit;
}
foreach (array_slice($argv, 1) as $url) {
    $request = curl_init($url);
    curl_setopt_array($request, [CURLOPT_RETURNTRANSFER => true, CURLOPT_FAILONERROR => true, CURLOPT_TIMEOUT => 5]);
    echo curl_exec($request) === false ? "failed $url: " . curl_error($request) . "\n" : "ok $url\n";
}
