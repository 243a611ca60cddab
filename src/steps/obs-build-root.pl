# What the Open Build Service's own reader (Build.pm of obs-build) makes of a project configuration: the packages that
# every build root of the repository gets, a line of `KIND NAME` each. Arguments: CONFIG REPOSITORY ARCH.
use strict;
use lib '/usr/lib/obs-build';
use Build;

my ($path, $repository, $arch) = @ARGV;
open(my $file, '<', $path) or die "$path: $!\n";
my @lines = <$file>;
chomp(@lines);
# As the service does it: the macro first, then the project's own words.
my $config = Build::read_config($arch, ["%define _repository $repository", @lines]) or die "not read\n";
for my $kind ('preinstall', 'required', 'support') {
  print "$kind $_\n" for @{$config->{$kind} || []};
}
print "kiwi $_\n" for @{$config->{'substitute'}->{'kiwi-setup:image'} || []};
print "type $config->{'type'}\n" if $config->{'type'};
