using Fastbridge.Cli;

NativeAuthorities.UseSystems();
return await CommandTree.RunAsync(args).ConfigureAwait(false);
