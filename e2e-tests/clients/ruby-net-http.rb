# Net::HTTP, Ruby's own.
require 'net/http'

if ARGV == ['--version']
  puts "Ruby #{RUBY_VERSION[/\d+\.\d+/]} Net::HTTP"
  exit
end

ARGV.each do |url|
  uri = URI(url)
  options = { use_ssl: uri.scheme == 'https', open_timeout: 5, read_timeout: 5 }
  # An IPv6 address in a URL has brackets, which URI#hostname takes away.
  Net::HTTP.start(uri.hostname, uri.port, options) { |http| http.get('/').value }
  puts "ok #{url}"
rescue StandardError => e
  puts "failed #{url}: #{e.message}"
end
