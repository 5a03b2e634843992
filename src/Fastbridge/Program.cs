using Fastbridge.Cli;

NativeMemory.UseOneHeap();
NativeAuthorities.UseSystems();
return await CommandTree.RunAsync(args).ConfigureAwait(false);
