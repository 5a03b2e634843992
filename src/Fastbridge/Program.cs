using Fastbridge.Cli;

NativeMemory.UseOneHeap();
return await CommandTree.RunAsync(args).ConfigureAwait(false);
