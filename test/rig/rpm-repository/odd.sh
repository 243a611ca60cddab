# Builds each spec of /in/*.spec, without any file of its own unless it makes one.
export SOURCE_DATE_EPOCH=1735689600
for spec in /in/*.spec; do
  arch=$(sed -n 's/^# target: //p' "$spec")
  rpmbuild -bb --quiet --nodeps --target "${arch:-armv7hl}-suse-linux" --define '_topdir /work/rpmbuild' \
    --define '_rpmdir /work/repository' --define 'debug_package %{nil}' --define '_build_id_links none' \
    --define '__os_install_post %{nil}' --define 'use_source_date_epoch_as_buildtime 1' --define '_buildhost stand-in' \
    --define '_binary_payload w6.zstdio' "$spec" >/work/log 2>&1 || { cat /work/log; exit 1; }
done
tar -cf /out/packages -C /work/repository .
